package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * What an encoder knows about the latents of pictures: independent normals.
 *
 * @param mean (B, C, h, w), the mode
 * @param logVariance (B, C, h, w), natural logarithm, within [−30, 20]
 * @see <a href="https://arxiv.org/abs/1312.6114">Kingma and Welling 2013, §3</a>
 */
public record GaussianPosterior(Tensor mean, Tensor logVariance) {
    private static final float LOWEST = -30f;
    private static final float HIGHEST = 20f;

    /** From an encoder's output (B, 2C, h, w), means before logarithms, which are clamped. */
    static GaussianPosterior of(Tape tape, Tensor moments) {
        Shape s = moments.shape();
        long half = s.dim(1) / 2;
        Tensor[] parts = tape.chunk(moments.view(s.dim(0), 2 * half * s.dim(2) * s.dim(3)), 2);
        long[] dims = {s.dim(0), half, s.dim(2), s.dim(3)};
        return new GaussianPosterior(parts[0].view(dims), clamp(tape, parts[1].view(dims)));
    }

    /** Exact within the bounds, where what is added is 0. */
    private static Tensor clamp(Tape tape, Tensor x) {
        Tensor below = tape.encoders().relu(LatentScale.plus(tape, tape.scale(x, -1), LOWEST));
        Tensor above = tape.encoders().relu(LatentScale.plus(tape, x, -HIGHEST));
        return tape.add(tape.add(x, below), tape.scale(above, -1));
    }

    /** <pre>σ = exp(½·logVariance)</pre> (B, C, h, w). */
    public Tensor standardDeviation(Tape tape) {
        return exponential(tape, tape.scale(logVariance, 0.5f));
    }

    /**
     * <pre>z = mean + σ · noise</pre>
     *
     * @param noise standard normal, (B, C, h, w)
     * @throws ShapeMismatchException when the noise has another shape
     */
    public Tensor sample(Tape tape, Tensor noise) {
        if (!noise.shape().equals(mean.shape())) {
            throw new ShapeMismatchException("posterior: noise %s, expected %s", noise.shape(), mean.shape());
        }
        return tape.add(mean, tape.encoders().multiply(standardDeviation(tape), noise));
    }

    /**
     * The divergence from a standard normal, mean over all latents.
     *
     * <pre>½ · (mean² + σ² − 1 − logVariance)</pre>
     *
     * @return (1)
     * @see <a href="https://arxiv.org/abs/1312.6114">Kingma and Welling 2013, appendix B</a>
     */
    public Tensor divergence(Tape tape) {
        Tensor squares = tape.encoders().multiply(mean, mean);
        Tensor rest = tape.add(exponential(tape, logVariance), tape.scale(logVariance, -1));
        Tensor all = LatentScale.plus(tape, tape.add(squares, rest), -1);
        return mean(tape, all, 0.5f);
    }

    /** factor · the mean of all elements, (1). */
    static Tensor mean(Tape tape, Tensor x, float factor) {
        int count = Math.toIntExact(x.shape().elements());
        float[] weights = new float[count];
        java.util.Arrays.fill(weights, factor / count);
        return tape.weightedSum(x.view(count), tape.constant(weights, count));
    }

    /** softmax([x, 0]) = [eˣ, 1]/(eˣ + 1), and the first over the second is eˣ: operations that the tape differentiates. */
    private static Tensor exponential(Tape tape, Tensor x) {
        long count = x.shape().elements();
        Tensor zeros = tape.allocate(Shape.of(count, 1), DType.F32);
        zeros.zero();
        Tensor pairs = tape.encoders().concatenateLast(x.view(count, 1), zeros).view(1, 1, count, 2);
        Tensor shares = tape.encoders().softmax(pairs, null, 1f).view(count, 2);
        return tape.encoders().divideByLast(shares, 0f).view(x.shape().dims());
    }
}
