package mezzotint.kernel.reference;

import static java.lang.Math.exp;
import static java.lang.Math.sqrt;
import static java.lang.Math.tanh;

/** Float64 definitions of the row kernels, forward only: central differences need no derivative. */
public final class ReferenceKernels {
    private ReferenceKernels() {}

    /** {y, mean, rstd} of {@code Kernels.AdaLayerNorm}: x (B, L, D), shift and scale (B, D). */
    public static double[][] adaLayerNorm(double[] x, double[] shift, double[] scale, int b, int l, int d, double eps) {
        double[] y = new double[x.length];
        double[] means = new double[b * l];
        double[] rstds = new double[b * l];
        for (int row = 0; row < b * l; row++) {
            double mean = 0;
            for (int j = 0; j < d; j++) {
                mean += x[row * d + j] / d;
            }
            double variance = 0;
            for (int j = 0; j < d; j++) {
                variance += (x[row * d + j] - mean) * (x[row * d + j] - mean) / d;
            }
            double rstd = 1 / sqrt(variance + eps);
            int sample = row / l;
            for (int j = 0; j < d; j++) {
                y[row * d + j] = (1 + scale[sample * d + j]) * (x[row * d + j] - mean) * rstd + shift[sample * d + j];
            }
            means[row] = mean;
            rstds[row] = rstd;
        }
        return new double[][] {y, means, rstds};
    }

    /** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))) */
    public static double geluTanh(double x) {
        return 0.5 * x * (1 + tanh(sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    /** ½ x (1 + erf(x/√2)) */
    public static double gelu(double x) {
        return 0.5 * x * erfc(-x / Math.sqrt(2));
    }

    /** x · σ(x) */
    public static double silu(double x) {
        return x / (1 + exp(-x));
    }

    /**
     * 1 − erf(x) to about 1e-15, relative on the right tail: the series of erf near 0, beyond it the continued fraction.
     *
     * @see <a href="https://dlmf.nist.gov/7.6.E2">DLMF 7.6.2 and 7.9.1</a>
     */
    public static double erfc(double x) {
        if (x < 0) {
            return 2 - erfc(-x);
        }
        if (x < 2.5) {
            double term = x;
            double sum = x;
            for (int n = 1; n < 100; n++) {
                term *= 2 * x * x / (2 * n + 1);
                sum += term;
            }
            return 1 - 2 / sqrt(Math.PI) * exp(-x * x) * sum;
        }
        double fraction = 0;
        for (int k = 120; k >= 1; k--) {
            fraction = k / 2.0 / (x + fraction);
        }
        return exp(-x * x) / sqrt(Math.PI) / (x + fraction);
    }

    /** x + gate ⊙ branch: x and branch (B, L, D), gate (B, D). */
    public static double[] gatedResidual(double[] x, double[] gate, double[] branch, int b, int l, int d) {
        double[] y = new double[b * l * d];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i] + gate[i / (l * d) * d + i % d] * branch[i];
        }
        return y;
    }

    /** Cosines, sines and the zero column; frequencies and angles rounded to float32 as the definition says. */
    public static double[] sinusoid(double[] x, int width, float factor, float maxPeriod) {
        int half = width / 2;
        double[] y = new double[x.length * width];
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < half; i++) {
                float exponent = (float) ((float) -Math.log(maxPeriod) * (double) i);
                exponent = (float) (exponent / (double) half);
                float frequency = (float) exp(exponent);
                double angle = (float) ((float) (x[row] * factor) * (double) frequency);
                y[row * width + i] = Math.cos(angle);
                y[row * width + half + i] = Math.sin(angle);
            }
        }
        return y;
    }
}
