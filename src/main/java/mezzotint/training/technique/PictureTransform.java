package mezzotint.training.technique;

import mezzotint.autograd.Tape;
import mezzotint.image.Interpolation;
import mezzotint.image.ResampleTaps;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** What a perceptual loss does to both of its pictures before it looks at them, the same to both. */
public sealed interface PictureTransform {
    /** Nothing. */
    record Whole() implements PictureTransform {}

    /**
     * A square cut out at a random place, one for the whole batch; a picture that is not larger stays whole.
     *
     * @param side in pixels
     */
    record RandomCrop(int side) implements PictureTransform {}

    /**
     * Both sides times a factor, bilinear without antialiasing.
     *
     * @param factor above 0
     */
    record Resize(float factor) implements PictureTransform {}

    /**
     * To a square, bilinear without antialiasing; the aspect ratio is not kept.
     *
     * @param side in pixels
     */
    record Square(int side) implements PictureTransform {}

    /** Cutting comes before resizing; a factor of 1 and a side of 0 do nothing. */
    static PictureTransform of(int cropSide, float factor) {
        if (cropSide > 0) {
            return new RandomCrop(cropSide);
        }
        return factor == 1 ? new Whole() : new Resize(factor);
    }

    /**
     * The transformed picture.
     *
     * @param pictures (B, C, height, width)
     * @param random decides where to cut; equal generators cut in the same place
     * @return (B, C, h, w)
     */
    default Tensor apply(Tape tape, Tensor pictures, PhiloxRandom random) {
        Shape s = pictures.shape();
        int height = s.size(2);
        int width = s.size(3);
        return switch (this) {
            case Whole() -> pictures;
            case RandomCrop(int side) ->
                height <= side || width <= side
                        ? pictures
                        : resampled(
                                tape,
                                pictures,
                                ResampleTaps.toSize(Interpolation.NEAREST, height, height)
                                        .range(random.below(height - side), side),
                                ResampleTaps.toSize(Interpolation.NEAREST, width, width)
                                        .range(random.below(width - side), side));
            case Resize(float factor) ->
                resampled(
                        tape,
                        pictures,
                        ResampleTaps.byFactor(Interpolation.BILINEAR, height, factor),
                        ResampleTaps.byFactor(Interpolation.BILINEAR, width, factor));
            case Square(int side) ->
                resampled(
                        tape,
                        pictures,
                        ResampleTaps.toSize(Interpolation.BILINEAR, height, side),
                        ResampleTaps.toSize(Interpolation.BILINEAR, width, side));
        };
    }

    private static Tensor resampled(Tape tape, Tensor pictures, ResampleTaps rows, ResampleTaps columns) {
        Tensor last = tape.encoders().permute(pictures, 0, 2, 3, 1);
        Tensor small = tape.encoders().resample(last, rows.onTape(tape), columns.onTape(tape));
        return tape.encoders().permute(small, 0, 3, 1, 2);
    }
}
