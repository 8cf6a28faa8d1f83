package mezzotint.sampling;

import java.util.List;
import mezzotint.flow.TorchRandom;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** Draws the noise that paths begin with. */
final class NoiseSource {
    /** Random stream of the initial noise, so that a seed shared with training does not share its numbers. */
    private static final long STREAM = 0x53414d50L;

    private final Kernels kernels;
    private final float scale;
    private final Precision precision;

    /**
     * @param scale standard deviation of the noise
     * @param precision that the numbers are rounded to
     */
    NoiseSource(Kernels kernels, float scale, Precision precision) {
        this.kernels = kernels;
        this.scale = scale;
        this.precision = precision;
    }

    /**
     * Fills a tensor with noise.
     *
     * @param x (B, C, height, width)
     * @param seeds B of them
     */
    void fill(Tensor x, InitialNoise noise, List<Long> seeds) {
        switch (noise) {
            case InitialNoise.Philox() -> {
                for (int i = 0; i < seeds.size(); i++) {
                    kernels.flowMatch().normal(x.rows(i, i + 1), seeds.get(i), STREAM, 0);
                }
                scale(x);
            }
            case InitialNoise.TorchPerPicture() -> {
                for (int i = 0; i < seeds.size(); i++) {
                    drawLikeTorch(x.rows(i, i + 1), seeds.get(i));
                }
                scale(x);
            }
            case InitialNoise.TorchTogether() -> {
                drawLikeTorch(x, seeds.getFirst());
                scale(x);
            }
            case InitialNoise.Given(float[] values) -> {
                if (values.length != x.shape().elements()) {
                    throw new ShapeMismatchException(
                            "initial noise: %d numbers, expected %d for %s",
                            values.length, x.shape().elements(), x.shape());
                }
                x.set(values);
            }
        }
        precision.round(x);
    }

    private void drawLikeTorch(Tensor x, long seed) {
        int count = Math.toIntExact(x.shape().elements());
        TorchRandom random = new TorchRandom(seed);
        x.set(precision == Precision.BFLOAT16 ? random.bfloat16Normals(count) : random.normals(count));
    }

    private void scale(Tensor x) {
        kernels.pointwise().scale(x, x, scale);
    }
}
