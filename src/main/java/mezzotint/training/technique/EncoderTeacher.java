package mezzotint.training.technique;

import java.util.Arrays;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.image.Interpolation;
import mezzotint.image.PlanarImage;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.vision.VisionEncoder;
import mezzotint.vision.VisionFeatures;

/**
 * A vision encoder as teacher: pictures are resized (nearest pixel) so that its patches are the denoiser's tokens.
 *
 * <p>Pictures go through it one by one, so that its memory does not grow with the batch. Not safe for several threads.
 */
public final class EncoderTeacher implements TeacherFeatures {
    private final VisionEncoder encoder;
    private int border; // pixels that a network without padding loses, found with the first picture

    /** @param encoder frozen */
    public EncoderTeacher(VisionEncoder encoder) {
        this.encoder = encoder;
    }

    @Override
    public int width() {
        return encoder.width();
    }

    @Override
    public Tensor of(Tape tape, TrainedStep step) {
        Shape s = step.clean().shape();
        float[] values = step.clean().toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] = (values[i] + 1) / 2;
        }
        int size = s.size(1) * s.size(2) * s.size(3);
        Tensor features = tape.allocate(s.dim(0), (long) step.rows() * step.columns(), encoder.width());
        for (int b = 0; b < s.dim(0); b++) {
            PlanarImage picture = new PlanarImage(
                    s.size(1), s.size(2), s.size(3), Arrays.copyOfRange(values, b * size, (b + 1) * size));
            fill(tape, features.rows(b, b + 1), picture, step);
        }
        return features;
    }

    private void fill(Tape tape, Tensor features, PlanarImage picture, TrainedStep step) {
        if (seen(tape, features, picture, step).isEmpty()
                && seen(tape, features, picture, step).isEmpty()) {
            throw new ShapeMismatchException(
                    "REPA: the teacher has no grid of %d × %d tokens, the denoiser's; choose another teacher",
                    step.rows(), step.columns());
        }
    }

    /** Fills the features; empty if the grid was another, after which {@link #border} is another. */
    private Optional<Tensor> seen(Tape tape, Tensor features, PlanarImage picture, TrainedStep step) {
        int height = step.rows() * encoder.patch() + border;
        int width = step.columns() * encoder.patch() + border;
        try (Tape own = Tape.inference(tape.kernels(), step.around().scratch())) {
            PlanarImage resized = picture.resized(height, width, Interpolation.NEAREST);
            VisionFeatures seen = encoder.encode(own, own.constant(resized.values(), 1, resized.planes(), height, width));
            if (seen.rows() != step.rows() || seen.columns() != step.columns()) {
                border += (step.rows() - seen.rows()) * encoder.patch();
                return Optional.empty();
            }
            return Optional.of(features.copyFrom(seen.patches(own)));
        }
    }
}
