package mezzotint.kernel.reference;

/** Float64 definition of matrix products, forward only. */
public final class ReferenceMatmul {
    private ReferenceMatmul() {}

    /**
     * Sizes of {@code Kernels.Matmul}.
     *
     * @param m rows of the product
     * @param n its columns
     * @param k the depth
     */
    public record Sizes(int m, int n, int k) {}

    /**
     * op(a) · op(b) + bias, (m, n).
     *
     * @param a (m, k), or (k, m) when {@code transposeA}
     * @param b (k, n), or (n, k) when {@code transposeB}
     * @param bias (n), or null
     */
    public static double[] multiply(
            Sizes s, double[] a, double[] b, double[] bias, boolean transposeA, boolean transposeB) {
        double[] c = new double[s.m * s.n];
        for (int i = 0; i < s.m; i++) {
            for (int j = 0; j < s.n; j++) {
                double sum = bias == null ? 0 : bias[j];
                for (int k = 0; k < s.k; k++) {
                    sum += a[transposeA ? k * s.m + i : i * s.k + k] * b[transposeB ? j * s.k + k : k * s.n + j];
                }
                c[i * s.n + j] = sum;
            }
        }
        return c;
    }

    /** Sums of the columns of x (rows, columns). */
    public static double[] columnSums(double[] x, int columns) {
        double[] sums = new double[columns];
        for (int i = 0; i < x.length; i++) {
            sums[i % columns] += x[i];
        }
        return sums;
    }
}
