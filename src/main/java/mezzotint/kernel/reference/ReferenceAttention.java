package mezzotint.kernel.reference;

import java.util.Arrays;

/** Float64 definition of attention, forward only. */
public final class ReferenceAttention {
    private ReferenceAttention() {}

    /**
     * Sizes of {@code Kernels.Attention}.
     *
     * @param b batch
     * @param h heads
     * @param l queries
     * @param t text keys
     * @param k image keys
     * @param d width of a head
     */
    public record Sizes(int b, int h, int l, int t, int k, int d) {}

    /**
     * {out, logSumExp}.
     *
     * @param real (b, t), or null: all are
     */
    public static double[][] attention(
            Sizes s,
            double[] query,
            double[] textKeys,
            double[] textValues,
            double[] keys,
            double[] values,
            boolean[] real,
            double scale) {
        double[] out = new double[s.b * s.l * s.h * s.d];
        double[] logSumExp = new double[s.b * s.h * s.l];
        for (int head = 0; head < s.b * s.h; head++) {
            int sample = head / s.h;
            for (int i = 0; i < s.l; i++) {
                double[] p = new double[s.t + s.k];
                for (int j = 0; j < p.length; j++) {
                    boolean masked = j < s.t && real != null && !real[sample * s.t + j];
                    p[j] = masked
                            ? Double.NEGATIVE_INFINITY
                            : scale * dot(query, (head * s.l + i) * s.d, textKeys, keys, head, j, s);
                }
                double max = Arrays.stream(p).max().orElseThrow();
                double sum = Arrays.stream(p).map(x -> Math.exp(x - max)).sum();
                logSumExp[head * s.l + i] = max + Math.log(sum);
                Arrays.setAll(p, j -> Math.exp(p[j] - max) / sum);
                for (int c = 0; c < s.d; c++) {
                    double o = 0;
                    for (int j = 0; j < p.length; j++) {
                        o += p[j] * row(textValues, values, head, j, c, s);
                    }
                    out[((sample * s.l + i) * s.h + head % s.h) * s.d + c] = o;
                }
            }
        }
        return new double[][] {out, logSumExp};
    }

    private static double row(double[] text, double[] image, int head, int j, int c, Sizes s) {
        return j < s.t ? text[(head * s.t + j) * s.d + c] : image[(head * s.k + j - s.t) * s.d + c];
    }

    private static double dot(double[] query, int from, double[] text, double[] image, int head, int j, Sizes s) {
        double sum = 0;
        for (int c = 0; c < s.d; c++) {
            sum += query[from + c] * row(text, image, head, j, c, s);
        }
        return sum;
    }
}
