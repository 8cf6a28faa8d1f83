package mezzotint.kernel.reference;

/** Float64 definitions of RMS normalisation, rotation and both in head layout; forward only. */
public final class ReferenceNorms {
    private ReferenceNorms() {}

    /** {y, rstd} of {@code Kernels.RmsNorm}: x (n, d), scale (d). */
    public static double[][] rmsNorm(double[] x, double[] scale, int n, int d, double eps) {
        double[] y = new double[n * d];
        double[] rstd = new double[n];
        for (int row = 0; row < n; row++) {
            double meanSquare = 0;
            for (int j = 0; j < d; j++) {
                meanSquare += x[row * d + j] * x[row * d + j] / d;
            }
            rstd[row] = 1 / Math.sqrt(meanSquare + eps);
            for (int j = 0; j < d; j++) {
                y[row * d + j] = scale[j] * x[row * d + j] * rstd[row];
            }
        }
        return new double[][] {y, rstd};
    }

    /** {@code Kernels.Rope}: x (b, h, l, d), table (tables, l, d/2, 2) with tables 1 or b. */
    public static double[] rope(double[] x, double[] table, int tables, int b, int h, int l, int d) {
        double[] y = new double[x.length];
        for (int row = 0; row < b * h * l; row++) {
            int sample = tables == 1 ? 0 : row / (h * l);
            for (int k = 0; k < d / 2; k++) {
                int angle = ((sample * l + row % l) * (d / 2) + k) * 2;
                double even = x[row * d + 2 * k];
                double odd = x[row * d + 2 * k + 1];
                y[row * d + 2 * k] = table[angle] * even - table[angle + 1] * odd;
                y[row * d + 2 * k + 1] = table[angle + 1] * even + table[angle] * odd;
            }
        }
        return y;
    }

    /** Columns [column, column + h·d) of x (b, l, width) as heads (b, h, l, d). */
    public static double[] toHeads(double[] x, int column, int width, int b, int h, int l, int d) {
        double[] heads = new double[b * h * l * d];
        for (int i = 0; i < heads.length; i++) {
            int inHead = i % d;
            int token = i / d % l;
            int head = i / d / l % h;
            int sample = i / d / l / h;
            heads[i] = x[(sample * l + token) * width + column + head * d + inHead];
        }
        return heads;
    }

    /** Numbers per head and token, from (b, h, l) to (b, l, h). */
    public static double[] headsLast(double[] x, int b, int h, int l) {
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int token = i % l;
            int head = i / l % h;
            int sample = i / l / h;
            y[(sample * l + token) * h + head] = x[i];
        }
        return y;
    }

    /**
     * Sizes of {@code Kernels.QkNorm}: x is (b, l, width) and the heads' columns begin at {@code column}.
     *
     * @param b batch
     * @param h heads
     * @param l tokens
     * @param d width of a head
     * @param column first column of x that belongs to these heads
     * @param width columns of x, at least column + h·d
     * @param eps added to the mean square
     */
    public record HeadSizes(int b, int h, int l, int d, int column, int width, double eps) {}

    /**
     * {heads (b, h, l, d), rstd (b, l, h)}, or {heads} without a scale.
     *
     * @param scale (d), or null for no normalisation
     * @param table (tables, l, d/2, 2), or null for no rotation
     */
    public static double[][] qkNorm(HeadSizes s, double[] x, double[] scale, double[] table, int tables) {
        double[] heads = toHeads(x, s.column, s.width, s.b, s.h, s.l, s.d);
        double[] rstd = null;
        if (scale != null) {
            double[][] y = rmsNorm(heads, scale, s.b * s.h * s.l, s.d, s.eps);
            heads = y[0];
            rstd = headsLast(y[1], s.b, s.h, s.l);
        }
        if (table != null) {
            heads = rope(heads, table, tables, s.b, s.h, s.l, s.d);
        }
        return rstd == null ? new double[][] {heads} : new double[][] {heads, rstd};
    }
}
