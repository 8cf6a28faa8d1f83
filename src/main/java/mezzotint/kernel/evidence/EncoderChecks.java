package mezzotint.kernel.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.EncoderKernels.Activation;
import mezzotint.kernel.reference.ReferenceEncoders;
import mezzotint.kernel.reference.ReferenceKernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** The {@link EncoderKernels} on rows and elements: norms, softmax, activations, layout; float32 only. */
final class EncoderChecks {
    private static final float EPS = 1e-6f;

    private EncoderChecks() {}

    /** Small shapes that fit nothing. */
    static List<KernelCheck> hard() {
        List<KernelCheck> checks = new ArrayList<>(List.of(
                layerNorm(1, 3),
                layerNorm(77, 45),
                groupNorm(2, 37, 3, 5),
                groupNorm(1, 150, 1, 33),
                groupNorm(3, 9, 8, 8).misaligned(),
                softmax(2, 3, 5, 41, true),
                softmax(1, 1, 9, 70, false).misaligned(),
                scaleShift(77, 45),
                scaleShift(9, 33).misaligned(),
                divideByLast(13, 45),
                permute(new long[] {2, 3, 5, 7}, 3, 1, 0, 2),
                permute(new long[] {2, 45, 37}, 0, 2, 1),
                permute(new long[] {2, 3, 1, 2, 5, 3}, 5, 0, 4, 2, 1, 3).misaligned()));
        checks.addAll(elementwise(5));
        checks.addAll(elementwise(1003));
        elementwise(1003).forEach(check -> checks.add(check.misaligned()));
        return checks;
    }

    /** Shapes of encoders, scaled down in rows. */
    static List<KernelCheck> standard() {
        List<KernelCheck> checks = new ArrayList<>(List.of(
                layerNorm(128, 384),
                groupNorm(1, 256, 32, 4),
                softmax(1, 2, 64, 64, true),
                scaleShift(128, 384),
                divideByLast(128, 32),
                permute(new long[] {2, 64, 6, 64}, 0, 2, 1, 3),
                permute(new long[] {2, 256, 96}, 0, 2, 1)));
        checks.addAll(elementwise(1 << 15));
        return checks;
    }

    private static KernelCheck check(String name, String shape) {
        return new KernelCheck(name, shape).types(DType.F32);
    }

    static KernelCheck layerNorm(int n, int d) {
        return check("layer_norm", "N %d · D %d".formatted(n, d))
                .activation("x", n, d)
                .activation("scale", d)
                .activation("shift", d)
                .output(n, d)
                .output(n)
                .output(n)
                .forward((k, out, in) -> k.layerNorm().forward(out[0], out[1], out[2], in[0], in[1], in[2], EPS))
                .backward((k, grad, gradOut, out, in) ->
                        k.layerNorm().backward(grad[0], grad[1], grad[2], gradOut, in[0], out[1], out[2], in[1]))
                .definition(in -> ReferenceEncoders.layerNorm(in[0], in[1], in[2], n, EPS));
    }

    static KernelCheck groupNorm(int b, int n, int groups, int width) {
        int c = groups * width;
        return check("group_norm", "B %d · N %d · C %d, %d groups".formatted(b, n, c, groups))
                .activation("x", b, n, c)
                .activation("scale", c)
                .activation("shift", c)
                .output(b, n, c)
                .output(b, groups)
                .output(b, groups)
                .forward((k, out, in) -> k.groupNorm().forward(out[0], out[1], out[2], in[0], in[1], in[2], EPS))
                .backward((k, grad, gradOut, out, in) ->
                        k.groupNorm().backward(grad[0], grad[1], grad[2], gradOut, in[0], out[1], out[2], in[1]))
                .definition(in -> ReferenceEncoders.groupNorm(in[0], in[1], in[2], b, n, groups, EPS));
    }

    static KernelCheck softmax(int b, int h, int l, int s, boolean masked) {
        float[] seen = new float[b * l * s];
        for (int i = 0; i < seen.length; i++) {
            // Some keys here and there, and no key at all for the first query.
            seen[i] = i >= s && i * 7 % 5 != 0 ? 1 : 0;
        }
        KernelCheck check = check(
                        "softmax", "B %d · H %d · L %d · S %d%s".formatted(b, h, l, s, masked ? ", masked" : ""))
                .activation("x", b, h, l, s);
        if (masked) {
            check.constant("mask", DType.BOOL, seen, b, l, s);
        }
        boolean[] mask = new boolean[seen.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = seen[i] != 0;
        }
        return check.output(b, h, l, s)
                .forward((k, out, in) -> k.softmax().forward(out[0], in[0], masked ? in[1] : null, 0.7f))
                .backward((k, grad, gradOut, out, in) -> k.softmax().backward(grad[0], gradOut, out[0], 0.7f))
                .definition(in ->
                        new double[][] {ReferenceEncoders.softmax(in[0], masked ? mask : null, b, h, l, s, 0.7f)});
    }

    /** One function of {@link Activation}. */
    @FunctionalInterface
    private interface Function {
        void run(Activation kernels, Tensor y, Tensor x);
    }

    /** Its slope, added. */
    @FunctionalInterface
    private interface Slope {
        void run(Activation kernels, Tensor gradX, Tensor gradY, Tensor x);
    }

    private static List<KernelCheck> elementwise(int n) {
        return List.of(
                function("relu", n, Activation::relu, Activation::reluBackward, x -> Math.max(x, 0)),
                function(
                        "gelu_tanh", n, Activation::geluTanh, Activation::geluTanhBackward, ReferenceKernels::geluTanh),
                function(
                        "quick_gelu",
                        n,
                        Activation::quickGelu,
                        Activation::quickGeluBackward,
                        ReferenceEncoders::quickGelu),
                check("multiply", "N " + n)
                        .activation("a", n)
                        .activation("b", n)
                        .output(n)
                        .forward((k, out, in) -> k.activation().multiply(out[0], in[0], in[1]))
                        .backward((k, grad, gradOut, out, in) ->
                                k.activation().multiplyBackward(grad[0], grad[1], gradOut, in[0], in[1]))
                        .definition(in -> PointwiseChecks.both(in[0], in[1], (a, b) -> a * b)));
    }

    private static KernelCheck function(
            String name, int n, Function function, Slope slope, DoubleUnaryOperator definition) {
        return check(name, "N " + n)
                .activationOffZero("x", n)
                .output(n)
                .forward((k, out, in) -> function.run(k.activation(), out[0], in[0]))
                .backward((k, grad, gradOut, out, in) -> slope.run(k.activation(), grad[0], gradOut, in[0]))
                .definition(in -> PointwiseChecks.each(in[0], definition));
    }

    static KernelCheck scaleShift(int n, int d) {
        return check("scale_shift", "N %d · D %d".formatted(n, d))
                .activation("x", n, d)
                .activation("scale", d)
                .activation("shift", d)
                .output(n, d)
                .forward((k, out, in) -> k.activation().scaleShift(out[0], in[0], in[1], in[2]))
                .backward((k, grad, gradOut, out, in) ->
                        k.activation().scaleShiftBackward(grad[0], grad[1], grad[2], gradOut, in[0], in[1]))
                .definition(in -> new double[][] {
                    IntStream.range(0, n * d)
                            .mapToDouble(i -> in[0][i] * in[1][i % d] + in[2][i % d])
                            .toArray()
                });
    }

    /** With an eps that keeps the divisor away from zero. */
    static KernelCheck divideByLast(int n, int d) {
        float eps = 8;
        return check("divide_by_last", "N %d · D %d".formatted(n, d))
                .activation("x", n, d + 1L)
                .output(n, d)
                .forward((k, out, in) -> k.activation().divideByLast(out[0], in[0], eps))
                .backward((k, grad, gradOut, out, in) ->
                        k.activation().divideByLastBackward(grad[0], gradOut, in[0], eps))
                .definition(in -> new double[][] {
                    IntStream.range(0, n * d)
                            .mapToDouble(i -> in[0][i / d * (d + 1) + i % d] / (in[0][i / d * (d + 1) + d] + eps))
                            .toArray()
                });
    }

    static KernelCheck permute(long[] dims, int... order) {
        long[] permuted = new long[dims.length];
        int[] inverse = new int[dims.length];
        for (int i = 0; i < order.length; i++) {
            permuted[i] = dims[order[i]];
            inverse[order[i]] = i;
        }
        return check("permute", words(dims) + " to " + words(permuted))
                .activation("x", dims)
                .output(permuted)
                .forward((k, out, in) -> k.layout().permute(out[0], in[0], dims, order, false))
                .backward((k, grad, gradOut, out, in) -> k.layout().permute(grad[0], gradOut, permuted, inverse, true))
                .definition(in -> new double[][] {ReferenceEncoders.permute(in[0], dims, order)});
    }

    private static String words(long[] dims) {
        return String.join(" × ", Arrays.stream(dims).mapToObj(Long::toString).toList());
    }
}
