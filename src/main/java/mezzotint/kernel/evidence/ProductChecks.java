package mezzotint.kernel.evidence;

import java.util.Arrays;
import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.reference.ReferenceAttention;
import mezzotint.kernel.reference.ReferenceMatmul;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** Matrix products and attention. */
final class ProductChecks {
    private ProductChecks() {}

    /** How the operands of a product lie. */
    record Layout(boolean transposeA, boolean transposeB, boolean biased, boolean accumulates) {
        @Override
        public String toString() {
            return (transposeA ? "aᵀ" : "a")
                    + (transposeB ? "·bᵀ" : "·b")
                    + (biased ? " + bias" : "")
                    + (accumulates ? ", on top" : "");
        }
    }

    /** The types of a product's operands and of the product. */
    enum Types {
        /** Operands of T; the product is F32. */
        USUAL(""),
        /** All of T. */
        NARROW(", product of T"),
        /** Only b of T, the rest F32. */
        MIXED(", a F32");

        private final String words;

        Types(String words) {
            this.words = words;
        }
    }

    static KernelCheck matmul(int m, int n, int k, Layout how, Types types) {
        long[] a = how.transposeA ? new long[] {k, m} : new long[] {m, k};
        long[] b = how.transposeB ? new long[] {n, k} : new long[] {k, n};
        KernelCheck check = new KernelCheck("matmul", "M %d · N %d · K %d, %s%s".formatted(m, n, k, how, types.words));
        if (types == Types.MIXED) {
            check.constant("a", a);
        } else {
            check.fixedActivation("a", a);
        }
        check.fixedActivation("b", b);
        if (how.biased) {
            check.constant("bias", n);
        }
        if (types == Types.NARROW) {
            check.output(m, n).roundsOnce();
        } else if (how.accumulates) {
            check.changesWide(KernelCheck.normals(9, m, n), m, n);
        } else {
            check.output(DType.F32, m, n);
        }
        boolean onTop = how.accumulates && types != Types.NARROW;
        var sizes = new ReferenceMatmul.Sizes(m, n, k);
        return check.forward((kernels, out, in) -> kernels.matmul()
                        .multiply(
                                out[0], in[0], in[1], how.biased ? in[2] : null, how.transposeA, how.transposeB, onTop))
                .definition(in -> {
                    double[] bias = how.biased ? in[2] : null;
                    double[] c = ReferenceMatmul.multiply(sizes, in[0], in[1], bias, how.transposeA, how.transposeB);
                    return onTop ? PointwiseChecks.both(c, in[in.length - 1], Double::sum) : new double[][] {c};
                });
    }

    static KernelCheck columnSums(int rows, int columns) {
        return new KernelCheck("column_sums", "M %d · N %d".formatted(rows, columns))
                .fixedActivation("x", rows, columns)
                .changesWide(KernelCheck.normals(8, columns), columns)
                .forward((k, out, in) -> k.matmul().columnSums(out[0], in[0]))
                .definition(in -> PointwiseChecks.both(ReferenceMatmul.columnSums(in[0], columns), in[1], Double::sum));
    }

    /**
     * @param masked whether a third of the text is padding, the first token of a sample too
     */
    static KernelCheck attention(ReferenceAttention.Sizes s, boolean masked) {
        float scale = (float) (1 / Math.sqrt(s.d()));
        return attentionForward(s, masked, scale)
                .backward((k, grad, gradOut, out, in) -> k.attention()
                        .backward(inputs(grad, false, 0), gradOut, out[0], out[1], inputs(in, masked, scale)));
    }

    /** Scores of about ±30, of which the highest comes late in many rows; forward only. */
    static KernelCheck steepAttention(ReferenceAttention.Sizes s) {
        return attentionForward(s, false, (float) (10 / Math.sqrt(s.d())))
                // scores are rounded to 2⁻²⁴ of their size, and the exponential passes that on
                .tolerance(2e-5, 2e-5);
    }

    private static KernelCheck attentionForward(ReferenceAttention.Sizes s, boolean masked, float scale) {
        boolean text = s.t() > 0;
        KernelCheck check = new KernelCheck(
                        "attention",
                        "B %d · H %d · L %d · T %d · K %d · d %d%s%s"
                                .formatted(
                                        s.b(),
                                        s.h(),
                                        s.l(),
                                        s.t(),
                                        s.k(),
                                        s.d(),
                                        masked ? ", masked" : "",
                                        scale * scale * s.d() > 2 ? ", steep" : ""))
                .activation("query", s.b(), s.h(), s.l(), s.d())
                .activation("keys", s.b(), s.h(), s.k(), s.d())
                .activation("values", s.b(), s.h(), s.k(), s.d());
        if (text) {
            check.activation("textKeys", s.b(), s.h(), s.t(), s.d())
                    .activation("textValues", s.b(), s.h(), s.t(), s.d());
        }
        boolean[] real = masked ? mask(s) : null;
        if (masked) {
            float[] values = new float[real.length];
            for (int i = 0; i < real.length; i++) {
                values[i] = real[i] ? 1 : 0;
            }
            check.constant("mask", DType.U8, values, s.b(), s.t());
        }
        return check.output(s.b(), s.l(), (long) s.h() * s.d())
                .output(DType.F32, s.b(), s.h(), s.l())
                .forward((k, out, in) -> k.attention().forward(out[0], out[1], inputs(in, masked, scale)))
                .definition(in -> ReferenceAttention.attention(
                        s, in[0], text ? in[3] : null, text ? in[4] : null, in[1], in[2], real, scale))
                // P is rounded to 8 bits before it multiplies the values, and so are its gradients.
                .narrowTolerance(4e-3, 6e-3);
    }

    private static boolean[] mask(ReferenceAttention.Sizes s) {
        boolean[] real = new boolean[s.b() * s.t()];
        for (int i = 0; i < real.length; i++) {
            real[i] = (i % s.t()) % 3 != 0;
        }
        return real;
    }

    private static AttentionInputs inputs(Tensor[] x, boolean masked, float scale) {
        Tensor[] all = Arrays.copyOf(x, 6);
        return new AttentionInputs(all[0], all[3], all[4], all[1], all[2], masked ? all[5] : null, scale);
    }
}
