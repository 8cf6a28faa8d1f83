package mezzotint.kernel.evidence;

import java.util.stream.IntStream;
import mezzotint.kernel.reference.ReferenceKernels;
import mezzotint.kernel.reference.ReferenceNorms;
import mezzotint.kernel.reference.ReferenceNorms.HeadSizes;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** Normalisations, rotation and gating. */
final class NormChecks {
    private static final float EPS = 1e-6f;

    private NormChecks() {}

    static KernelCheck rmsNorm(int n, int d) {
        return new KernelCheck("rms_norm", "N %d · D %d".formatted(n, d))
                .activation("x", n, d)
                .parameter("scale", d)
                .output(n, d)
                .output(DType.F32, n)
                .forward((k, out, in) -> k.rmsNorm().forward(out[0], out[1], in[0], in[1], EPS))
                .backward((k, grad, gradOut, out, in) ->
                        k.rmsNorm().backward(grad[0], grad[1], gradOut, in[0], out[1], in[1]))
                .definition(in -> ReferenceNorms.rmsNorm(in[0], in[1], n, d, EPS))
                .roundsOnce();
    }

    static KernelCheck adaLayerNorm(int b, int l, int d) {
        return new KernelCheck("ada_layer_norm", "B %d · L %d · D %d".formatted(b, l, d))
                .activation("x", b, l, d)
                .activation("shift", b, d)
                .activation("scale", b, d)
                .output(b, l, d)
                .output(DType.F32, b, l)
                .output(DType.F32, b, l)
                .forward((k, out, in) -> k.adaLayerNorm().forward(out[0], out[1], out[2], in[0], in[1], in[2], EPS))
                .backward((k, grad, gradOut, out, in) ->
                        k.adaLayerNorm().backward(grad[0], grad[1], grad[2], gradOut, in[0], out[1], out[2], in[2]))
                .definition(in -> ReferenceKernels.adaLayerNorm(in[0], in[1], in[2], b, l, d, EPS))
                .roundsOnce();
    }

    /**
     * @param tables 1 or b
     */
    static KernelCheck rope(int tables, int b, int h, int l, int d) {
        return new KernelCheck(
                        "rope", "B %d · H %d · L %d · d %d%s".formatted(b, h, l, d, tables > 1 ? ", a table each" : ""))
                .activation("x", b, h, l, d)
                .constant("table", DType.F32, angles(tables * l, d), tables, l, d / 2, 2)
                .output(b, h, l, d)
                .forward((k, out, in) -> k.rope().forward(out[0], in[0], in[1]))
                .backward((k, grad, gradOut, out, in) -> k.rope().backward(grad[0], gradOut, in[1]))
                .definition(in -> new double[][] {ReferenceNorms.rope(in[0], in[1], tables, b, h, l, d)})
                .roundsOnce();
    }

    /**
     * @param h heads of width d, from {@code column} of {@code width} columns on
     * @param part "q" normalised and rotated, "n" normalised alone, "r" rotated alone, "v" neither
     */
    static KernelCheck qkNorm(int b, int h, int l, int d, int column, int width, String part) {
        boolean normalised = part.equals("q") || part.equals("n");
        boolean rotated = part.equals("q") || part.equals("r");
        int table = normalised ? 2 : 1;
        KernelCheck check = new KernelCheck(
                        "qk_norm",
                        "B %d · H %d · L %d · d %d, columns %d… of %d, %s"
                                .formatted(b, h, l, d, column, width, what(normalised, rotated)))
                .activation("x", b, l, width);
        if (normalised) {
            check.parameter("scale", d);
        }
        if (rotated) {
            check.constant("table", DType.F32, angles(l, d), 1, l, d / 2, 2);
        }
        check.output(b, h, l, d);
        if (normalised) {
            check.output(DType.F32, b, l, h);
        }
        HeadSizes sizes = new HeadSizes(b, h, l, d, column, width, EPS);
        return check.forward((k, out, in) -> k.qkNorm()
                        .forward(
                                out[0],
                                normalised ? out[1] : null,
                                in[0],
                                normalised ? in[1] : null,
                                rotated ? in[table] : null,
                                column,
                                EPS))
                .backward((k, grad, gradOut, out, in) -> {
                    Tensor scale = normalised ? in[1] : null;
                    Tensor gradScale = normalised ? grad[1] : null;
                    Tensor rstd = normalised ? out[1] : null;
                    Tensor angles = rotated ? in[table] : null;
                    k.qkNorm().backward(grad[0], gradScale, gradOut, in[0], rstd, scale, angles, column);
                })
                .definition(in ->
                        ReferenceNorms.qkNorm(sizes, in[0], normalised ? in[1] : null, rotated ? in[table] : null, 1))
                .roundsOnce();
    }

    private static String what(boolean normalised, boolean rotated) {
        return normalised ? rotated ? "normalised and rotated" : "normalised" : rotated ? "rotated" : "moved";
    }

    static KernelCheck geglu(int n, int m) {
        return new KernelCheck("geglu", "N %d · M %d".formatted(n, m))
                .activation("gate", n, m)
                .activation("up", n, m)
                .output(n, m)
                .forward((k, out, in) -> k.geglu().forward(out[0], in[0], in[1]))
                .backward((k, grad, gradOut, out, in) -> k.geglu().backward(grad[0], grad[1], gradOut, in[0], in[1]))
                .definition(in -> new double[][] {
                    IntStream.range(0, n * m)
                            .mapToDouble(i -> ReferenceKernels.geluTanh(in[0][i]) * in[1][i])
                            .toArray()
                })
                .roundsOnce();
    }

    /** Cosines and sines of angles that differ from row to row and from pair to pair. */
    private static float[] angles(int rows, int d) {
        float[] table = new float[rows * (d / 2) * 2];
        for (int i = 0; i < table.length; i += 2) {
            double angle = 0.37 * (i / d) + 0.11 * (i % d) + 0.2;
            table[i] = (float) Math.cos(angle);
            table[i + 1] = (float) Math.sin(angle);
        }
        return table;
    }
}
