package mezzotint.training.technique;

import mezzotint.autograd.Tape;
import mezzotint.image.Interpolation;
import mezzotint.image.PlanarImage;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.vision.VisionEncoder;

/**
 * A vision encoder as teacher: pictures are resized (nearest pixel) so that its patches are the denoiser's tokens.
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
        int height = step.rows() * encoder.patch();
        int width = step.columns() * encoder.patch();
        float[] values = step.clean().toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] = (values[i] + 1) / 2;
        }
        int planes = Math.toIntExact(s.dim(0) * s.dim(1));
        PlanarImage resized =
                new PlanarImage(planes, s.size(2), s.size(3), values).resized(height, width, Interpolation.NEAREST);
        Tensor features = tape.allocate(s.dim(0), (long) step.rows() * step.columns(), encoder.width());
        try (Tape own = Tape.inference(tape.kernels(), step.around().scratch())) {
            Tensor pixels = own.constant(resized.values(), s.dim(0), s.dim(1), height, width);
            features.copyFrom(encoder.encode(own, pixels).patches(own));
        }
        return features;
    }
}
