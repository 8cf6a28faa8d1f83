package mezzotint.latent;

import mezzotint.tensor.Tensor;

/**
 * Mean and deviation of the latents of a data set, all channels alike, from which a {@link LatentScale} is made.
 *
 * <p>Sums are taken in float64 around the first value, in the order of the calls.
 */
public final class LatentStatistics {
    private long count;
    private double origin;
    private double sum;
    private double squares;

    /** Counts latents of any shape, not scaled. */
    public void add(Tensor latents) {
        for (float value : latents.toFloats()) {
            if (count == 0) {
                origin = value;
            }
            double x = value - origin;
            sum += x;
            squares += x * x;
            count++;
        }
    }

    /** Mean of all latents. */
    public double mean() {
        return origin + sum / count;
    }

    /** Standard deviation of all latents. */
    public double deviation() {
        double mean = sum / count;
        return Math.sqrt(Math.max(0, squares / count - mean * mean));
    }

    /**
     * <pre>factor = 1/deviation,    shift = mean</pre>
     *
     * @throws InvalidCodecConfigException when there are no latents, all are alike, or one is no number
     */
    public LatentScale scale() {
        return new LatentScale((float) (1 / deviation()), (float) mean());
    }
}
