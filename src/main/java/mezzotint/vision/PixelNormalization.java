package mezzotint.vision;

import mezzotint.autograd.EncoderOperations;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.image.ImageNormalization;
import mezzotint.tensor.Tensor;

/**
 * An {@link ImageNormalization} on the tape, differentiable.
 *
 * @param of pixels in [0, 1]
 */
record PixelNormalization(ImageNormalization of) {

    /** (B, 3, H, W) → the same shape. */
    Tensor apply(Tape tape, Tensor pixels) {
        EncoderOperations encoders = tape.encoders();
        return encoders.permute(applyChannelsLast(tape, encoders.permute(pixels, 0, 2, 3, 1)), 0, 3, 1, 2);
    }

    /** (B, H, W, 3) → the same shape. */
    Tensor applyChannelsLast(Tape tape, Tensor pixels) {
        float[] scale = new float[3];
        float[] shift = new float[3];
        for (int c = 0; c < 3; c++) {
            scale[c] = 1 / of.deviation().get(c);
            shift[c] = -of.mean().get(c) / of.deviation().get(c);
        }
        return tape.encoders()
                .scaleShift(
                        pixels,
                        Parameter.frozen("scale", tape.constant(scale, 3)),
                        Parameter.frozen("shift", tape.constant(shift, 3)));
    }
}
