package mezzotint.training.technique;

import java.util.Arrays;
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
 * <p>Pictures go through it one by one, so that its memory does not grow with the batch.
 *
 * @param encoder frozen
 */
public record EncoderTeacher(VisionEncoder encoder) implements TeacherFeatures {
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
        int height = encoder.sideFor(step.rows());
        int width = encoder.sideFor(step.columns());
        try (Tape own = Tape.inference(tape.kernels(), step.around().scratch())) {
            PlanarImage resized = picture.resized(height, width, Interpolation.NEAREST);
            Tensor pixels = own.constant(resized.values(), 1, resized.planes(), height, width);
            VisionFeatures seen = encoder.encode(own, pixels);
            if (seen.rows() != step.rows() || seen.columns() != step.columns()) {
                throw new ShapeMismatchException(
                        "REPA: the teacher made %d × %d tokens of a picture of %d × %d; the denoiser has %d × %d",
                        seen.rows(), seen.columns(), height, width, step.rows(), step.columns());
            }
            features.copyFrom(seen.patches(own));
        }
    }
}
