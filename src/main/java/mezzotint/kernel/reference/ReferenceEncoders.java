package mezzotint.kernel.reference;

/** Float64 definitions of the norms, the softmax and the movements of the networks around the denoiser; forward only. */
public final class ReferenceEncoders {
    private ReferenceEncoders() {}

    /** {y, mean, rstd} of {@code EncoderKernels.GroupNorm}: x (b, n, c), scale and shift (c), mean and rstd (b, groups). */
    public static double[][] groupNorm(
            double[] x, double[] scale, double[] shift, int b, int n, int groups, double eps) {
        int c = scale.length;
        int perGroup = c / groups;
        double[] y = new double[x.length];
        double[] means = new double[b * groups];
        double[] rstds = new double[b * groups];
        for (int group = 0; group < b * groups; group++) {
            double[] members = new double[n * perGroup];
            for (int k = 0; k < members.length; k++) {
                members[k] = x[member(group, k, n, c, perGroup)];
            }
            means[group] = mean(members);
            rstds[group] = rstd(members, eps);
            for (int k = 0; k < members.length; k++) {
                int at = member(group, k, n, c, perGroup);
                y[at] = scale[at % c] * (x[at] - means[group]) * rstds[group] + shift[at % c];
            }
        }
        return new double[][] {y, means, rstds};
    }

    /** Where member k of a group of a sample lies. */
    private static int member(int group, int k, int n, int c, int perGroup) {
        int groups = c / perGroup;
        return (group / groups * n + k / perGroup) * c + group % groups * perGroup + k % perGroup;
    }

    private static double mean(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += value;
        }
        return sum / x.length;
    }

    private static double rstd(double[] x, double eps) {
        double mean = mean(x);
        double sum = 0;
        for (double value : x) {
            sum += (value - mean) * (value - mean);
        }
        return 1 / Math.sqrt(sum / x.length + eps);
    }

    /** {y, mean, rstd} of {@code EncoderKernels.LayerNorm}: x (n, d), scale and shift (d). */
    public static double[][] layerNorm(double[] x, double[] scale, double[] shift, int n, double eps) {
        return groupNorm(x, scale, shift, n, 1, 1, eps);
    }

    /**
     * {@code EncoderKernels.Softmax}: x (b, h, l, s).
     *
     * @param seen (b, l, s), whether a key may be seen, or null
     */
    public static double[] softmax(double[] x, boolean[] seen, int b, int h, int l, int s, double scale) {
        double[] y = new double[x.length];
        for (int row = 0; row < b * h * l; row++) {
            int maskRow = row / (h * l) * l + row % l;
            double max = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < s; k++) {
                max = seen == null || seen[maskRow * s + k] ? Math.max(max, scale * x[row * s + k]) : max;
            }
            double sum = 0;
            for (int k = 0; k < s; k++) {
                if (seen == null || seen[maskRow * s + k]) {
                    y[row * s + k] = Math.exp(scale * x[row * s + k] - max);
                    sum += y[row * s + k];
                }
            }
            for (int k = 0; k < s && sum > 0; k++) {
                y[row * s + k] /= sum;
            }
        }
        return y;
    }

    /** x · σ(1.702 x) */
    public static double quickGelu(double x) {
        return x / (1 + Math.exp(-1.702 * x));
    }

    /** {@code EncoderKernels.Layout}: axis i of the result is axis {@code order[i]} of x. */
    public static double[] permute(double[] x, long[] dims, int[] order) {
        double[] y = new double[x.length];
        for (int at = 0; at < y.length; at++) {
            long[] place = new long[dims.length];
            long rest = at;
            for (int i = dims.length - 1; i >= 0; i--) {
                place[order[i]] = rest % dims[order[i]];
                rest /= dims[order[i]];
            }
            int from = 0;
            for (int axis = 0; axis < dims.length; axis++) {
                from = Math.toIntExact(from * dims[axis] + place[axis]);
            }
            y[at] = x[from];
        }
        return y;
    }
}
