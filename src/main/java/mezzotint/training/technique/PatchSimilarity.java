package mezzotint.training.technique;

import java.util.Arrays;
import mezzotint.autograd.EncoderOperations;
import mezzotint.autograd.LossOperations;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;
import mezzotint.vision.VisionEncoder;

/**
 * P-DINO: mean over patches of 1 − cos between a vision encoder's tokens of the two pictures.
 *
 * @param encoder frozen
 */
public record PatchSimilarity(VisionEncoder encoder) implements PerceptualDistance {
    private static final float EPS = 1e-8f;

    @Override
    public Tensor between(Tape tape, Tensor predicted, Tensor clean) {
        Tensor x = tokens(tape, predicted);
        Tensor y = tokens(tape, clean);
        long batch = x.shape().dim(0);
        long patches = x.shape().dim(1);
        long width = x.shape().dim(2);
        Tensor similarity = new LossOperations(tape)
                .cosineSimilarity(x.view(batch * patches, width), y.view(batch * patches, width), EPS);
        float[] shares = new float[Math.toIntExact(patches)];
        Arrays.fill(shares, 1f / patches);
        Tensor means = tape.encoders()
                .products(similarity.view(1, batch, patches), tape.constant(shares, 1, patches, 1), false, false)
                .view(batch);
        float[] ones = new float[Math.toIntExact(batch)];
        Arrays.fill(ones, 1f);
        return tape.add(tape.constant(ones, batch), tape.scale(means, -1f));
    }

    private Tensor tokens(Tape tape, Tensor pictures) {
        return encoder.encode(tape, unit(tape, pictures)).patches(tape);
    }

    /** From [−1, 1] to [0, 1], cut off outside, where no gradient passes. */
    private static Tensor unit(Tape tape, Tensor pictures) {
        EncoderOperations encoders = tape.encoders();
        Tensor one = tape.allocate(pictures.shape(), pictures.dtype());
        tape.kernels().pointwise().fill(one, 1f);
        Tensor positive = encoders.relu(tape.scale(tape.add(pictures, one), 0.5f));
        Tensor above = encoders.relu(tape.add(positive, tape.scale(one, -1f)));
        return tape.add(positive, tape.scale(above, -1f));
    }
}
