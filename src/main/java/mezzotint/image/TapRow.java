package mezzotint.image;

import java.util.function.DoubleUnaryOperator;

/** One resampled value: the weights of samples {@code first}, {@code first + 1}, …; they add up to 1. */
record TapRow(int first, double... weights) {

    /**
     * <pre>w_j = filter((j − centre + ½) / stretch) / Σ w,   |j − centre + ½| up to reach · stretch</pre>
     *
     * @param centre in samples, 0 at the outer edge of the first
     * @param in samples there are
     * @param reach half the width of the filter, in samples of the unstretched filter
     */
    static TapRow filtered(double centre, int in, double stretch, double reach, DoubleUnaryOperator filter) {
        double shrink = 1 / stretch;
        double support = reach * stretch;
        int first = Math.max(0, (int) (centre - support + 0.5));
        int end = Math.min(in, (int) (centre + support + 0.5));
        double[] weights = new double[end - first];
        double total = 0;
        for (int k = 0; k < weights.length; k++) {
            weights[k] = filter.applyAsDouble((k + first - centre + 0.5) * shrink);
            total += weights[k];
        }
        for (int k = 0; k < weights.length; k++) {
            weights[k] /= total;
        }
        return new TapRow(first, weights);
    }
}
