package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import mezzotint.kernel.reference.ReferenceKernels;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.GuardedTensor;
import mezzotint.testing.KernelCase;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

final class PointwiseTest {
    /** One rounding to bf16, half a unit in the last of eight bits, and a little for what is computed in float32 before. */
    private static final double BFLOAT16 = 0x1.02p-8;

    /** One vector and a bit, one piece and a bit. */
    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.of(1, 7, 8, 15, 16, 17, 31, 33, 257, 16383, 16384, 16401, 33000);
    }

    @Property(tries = 8)
    void siluIsItsDefinition(@ForAll("sizes") int n) {
        unary(n, 3, ReferenceKernels::silu)
                .forward((k, out, in) -> k.pointwise().silu(out[0], in[0]))
                .backward((k, grad, gradOut, out, in) -> k.pointwise().siluBackward(grad[0], gradOut, in[0]))
                .verify();
    }

    @Property(tries = 8)
    void geluIsItsDefinition(@ForAll("sizes") int n) {
        unary(n, 2, ReferenceKernels::gelu)
                .forward((k, out, in) -> k.pointwise().gelu(out[0], in[0]))
                .backward((k, grad, gradOut, out, in) -> k.pointwise().geluBackward(grad[0], gradOut, in[0]))
                .verify();
    }

    @Example
    void geluIsGoodToASingleRoundingEverywhere() {
        int n = 4001;
        try (var tensors = new Tensors()) {
            float[] x = new float[n];
            for (int i = 0; i < n; i++) {
                x[i] = (i - 2000) / 100f;
            }
            for (Devices.Setup setup : Devices.all()) {
                Tensor y = tensors.output(n).tensor();
                setup.kernels().pointwise().gelu(y, tensors.of(x, n));
                float[] actual = y.toFloats();
                for (int i = 0; i < n; i++) {
                    double difference = Math.abs(actual[i] - ReferenceKernels.gelu(x[i]));
                    // erf within 3e-7, times x/2
                    assertEquals(0, difference, 2e-7 * Math.max(1, Math.abs(x[i])), setup + ", gelu(" + x[i] + ")");
                }
            }
        }
    }

    @Property(tries = 6)
    void addsInPlaceToo(@ForAll("sizes") int n) {
        try (var tensors = new Tensors()) {
            float[] a = Tensors.normals(1, n);
            float[] b = Tensors.normals(2, n);
            float[] sum = new float[n];
            for (int i = 0; i < n; i++) {
                sum[i] = a[i] + b[i];
            }
            for (Devices.Setup setup : Devices.all()) {
                Tensor x = tensors.of(a, n);
                Tensor y = tensors.of(b, n);
                Tensor z = tensors.output(n).tensor();
                setup.kernels().pointwise().add(z, x, y);
                assertArrayEquals(sum, z.toFloats(), setup.name());
                setup.kernels().pointwise().add(y, x, y);
                assertArrayEquals(sum, y.toFloats(), setup.name());
                setup.kernels().pointwise().add(x, x, tensors.of(b, n));
                assertArrayEquals(sum, x.toFloats(), setup.name());
            }
        }
    }

    @Property(tries = 6)
    void addScaledAddsAndScaleScalesInPlace(@ForAll("sizes") int n) {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normals(3, n);
            float[] y = Tensors.normals(4, n);
            double[] sum = new double[n];
            double[] scaled = new double[n];
            for (int i = 0; i < n; i++) {
                sum[i] = y[i] + 0.3f * (double) x[i];
                scaled[i] = -1.7f * (double) x[i];
            }
            for (Devices.Setup setup : Devices.all()) {
                Tensor total = tensors.of(y, n);
                setup.kernels().pointwise().addScaled(total, tensors.of(x, n), 0.3f);
                // two roundings
                RelativeError.assertRelativeError(total, sum, 2e-7);
                Tensor inPlace = tensors.of(x, n);
                setup.kernels().pointwise().scale(inPlace, inPlace, -1.7f);
                RelativeError.assertRelativeError(inPlace, scaled, 1e-7);
            }
        }
    }

    @Property(tries = 6)
    void fillsNothingButTheTensor(@ForAll("sizes") int n) {
        try (var tensors = new Tensors()) {
            float[] expected = new float[n];
            Arrays.fill(expected, -2.5f);
            for (Devices.Setup setup : Devices.all()) {
                var y = tensors.output(n);
                setup.kernels().pointwise().fill(y.tensor(), -2.5f);
                assertArrayEquals(expected, y.values(), setup.name());
                y.assertGuards(setup.name());
            }
        }
    }

    @Property(tries = 6)
    void addsScalesAndFillsInBFloat16RoundingOnce(@ForAll("sizes") int n) {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normalsBFloat16(7, n);
            float[] y = Tensors.normalsBFloat16(8, n);
            float[] sum = new float[n];
            float[] halves = new float[n];
            float[] scaled = new float[n];
            float[] filled = new float[n];
            for (int i = 0; i < n; i++) {
                sum[i] = rounded(x[i] + y[i]);
                // a power of two: the product is exact and one rounding is left, fused or not
                halves[i] = rounded(y[i] + 0.5f * x[i]);
                scaled[i] = rounded(-1.7f * x[i]);
                filled[i] = rounded(0.1f);
            }
            for (Devices.Setup setup : Devices.withBFloat16()) {
                Kernels.Pointwise pointwise = setup.kernels().pointwise();
                GuardedTensor result = tensors.guarded(Shape.of(n), DType.BF16).fill(Float.NaN);
                Tensor xTensor = tensors.normalBFloat16(7, n);
                Tensor yTensor = tensors.normalBFloat16(8, n);
                pointwise.add(result.tensor(), xTensor, yTensor);
                assertArrayEquals(sum, result.values(), setup.name());
                pointwise.addScaled(yTensor, xTensor, 0.5f);
                assertArrayEquals(halves, yTensor.toFloats(), setup.name());
                pointwise.scale(result.tensor(), xTensor, -1.7f);
                assertArrayEquals(scaled, result.values(), setup.name());
                pointwise.fill(result.tensor(), 0.1f);
                assertArrayEquals(filled, result.values(), setup.name());
                pointwise.cast(result.tensor(), xTensor);
                assertArrayEquals(x, result.values(), setup.name());
                result.assertGuards(setup.name());
            }
        }
    }

    private static float rounded(float value) {
        return BFloat16.toFloat(BFloat16.fromFloat(value));
    }

    /** Rows of three numbers: no row but the first begins where a wide access may. */
    @Example
    void viewsThatNoWideAccessFitsAreServedToo() {
        int n = 2100;
        float[] a = Tensors.normals(1, 3 * n);
        for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
            try (var tensors = new Tensors()) {
                for (Devices.Setup setup : dtype == DType.F32 ? Devices.all() : Devices.withBFloat16()) {
                    Tensor x = tensors.arena().allocate(Shape.of(n, 3), dtype).set(a);
                    float[] expected = Arrays.copyOfRange(x.toFloats(), 3, 3 * n);
                    GuardedTensor y = tensors.guarded(Shape.of(n, 3), dtype).fill(0);
                    setup.kernels()
                            .pointwise()
                            .scale(
                                    y.tensor().rows(0, n - 1).view(3L * (n - 1)),
                                    x.rows(1, n).view(3L * (n - 1)),
                                    2);
                    float[] actual = y.values();
                    for (int i = 0; i < expected.length; i++) {
                        assertEquals(2 * expected[i], actual[i], setup.name());
                    }
                    assertArrayEquals(new float[3], Arrays.copyOfRange(actual, 3 * (n - 1), 3 * n), setup.name());
                    y.assertGuards(setup.name());
                }
            }
        }
    }

    @Property(tries = 6)
    void castsAsOneNumberAtATime(@ForAll("sizes") int n) {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normals(5, n);
            float[] special = {
                Float.NaN,
                Float.POSITIVE_INFINITY,
                Float.NEGATIVE_INFINITY,
                Float.MAX_VALUE,
                -0f,
                0x1.01p0f,
                0x1.03p0f,
                Float.intBitsToFloat(0xffffffff),
                Float.MIN_VALUE
            };
            System.arraycopy(special, 0, x, 0, Math.min(n, special.length));
            float[] rounded = new float[n];
            for (int i = 0; i < n; i++) {
                rounded[i] = BFloat16.toFloat(BFloat16.fromFloat(x[i]));
            }
            for (Devices.Setup setup : Devices.all()) {
                var narrow = tensors.guarded(Shape.of(n), DType.BF16);
                setup.kernels().pointwise().cast(narrow.tensor(), tensors.of(x, n));
                assertArrayEquals(rounded, narrow.values(), setup.name());
                narrow.assertGuards(setup.name());
                var wide = tensors.output(n);
                setup.kernels().pointwise().cast(wide.tensor(), narrow.tensor());
                assertArrayEquals(rounded, wide.values(), setup.name());
                wide.assertGuards(setup.name());
                var same = tensors.output(n);
                setup.kernels().pointwise().cast(same.tensor(), tensors.of(x, n));
                assertArrayEquals(x, same.values(), setup.name());
            }
        }
    }

    @Property(tries = 8)
    void gatedResidualIsItsDefinition(
            @ForAll @IntRange(min = 1, max = 4) int b,
            @ForAll @IntRange(min = 1, max = 9) int l,
            @ForAll @IntRange(min = 1, max = 70) int d) {
        gatedResidual(b, l, d);
    }

    @Example
    void gatedResidualCutsALongSampleIntoPieces() {
        gatedResidual(2, 64, 384);
    }

    private static void gatedResidual(int b, int l, int d) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("x", tensors.normal(1, b, l, d))
                    .input("gate", tensors.normal(2, b, d))
                    .input("branch", tensors.normal(3, b, l, d))
                    .outputs(Shape.of(b, l, d))
                    .forward((k, out, in) -> k.pointwise().gatedResidual(out[0], in[0], in[1], in[2]))
                    .backward((k, grad, gradOut, out, in) ->
                            k.pointwise().gatedResidualBackward(grad[0], grad[1], grad[2], gradOut, in[1], in[2]))
                    .firstBackward((k, grad, gradOut, out, in) -> {
                        grad[1].zero(); // the gate's is added to
                        k.pointwise().firstGatedResidualBackward(grad[0], grad[1], grad[2], gradOut, in[1], in[2]);
                    })
                    .reference(in -> new double[][] {ReferenceKernels.gatedResidual(in[0], in[1], in[2], b, l, d)})
                    // two roundings an element; a sum over L rows in the gate's gradient
                    .tolerance(2e-7, 2e-6)
                    .alsoInBFloat16(BFLOAT16, BFLOAT16)
                    .coordinates(16)
                    .verify();
        }
    }

    @Property(tries = 8)
    void sinusoidIsItsDefinition(
            @ForAll @IntRange(min = 1, max = 5) int n, @ForAll @IntRange(min = 2, max = 65) int width) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .constant("x", tensors.normal(6, n))
                    .outputs(Shape.of(n, width))
                    .forward((k, out, in) -> k.pointwise().sinusoid(out[0], in[0], 1000, 10000))
                    .reference(in -> new double[][] {ReferenceKernels.sinusoid(in[0], width, 1000, 10000)})
                    // The angle is float32 in the definition too; only the result is rounded.
                    .tolerance(1e-7, 0)
                    .alsoInBFloat16(BFLOAT16, 0)
                    .verify();
        }
    }

    @Example
    void sinusoidGivesUpstreamsNumbers() {
        double[] time = {-0.022097, 0.154250, -0.989992, 0.955337, -0.999756, -0.988032, 0.141120, 0.295520};
        double[] size = {0.987354, -0.293831, -0.685707, 0.519953, -0.158533, 0.955857, -0.727878, 0.854195};
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                Tensor y = tensors.output(1, 8).tensor();
                setup.kernels().pointwise().sinusoid(y, tensors.of(new float[] {0.3f}, 1), 1000, 10000);
                // recorded with six digits
                RelativeError.assertRelativeError(y, time, 5e-7);
                setup.kernels().pointwise().sinusoid(y, tensors.of(new float[] {1024}, 1), 1, 10000);
                RelativeError.assertRelativeError(y, size, 5e-7);
            }
        }
    }

    private static KernelCase unary(int n, float size, DoubleUnaryOperator definition) {
        var tensors = new Tensors(16L << 20);
        float[] x = Tensors.normals(n, n);
        for (int i = 0; i < n; i++) {
            x[i] *= size;
        }
        return new KernelCase(tensors)
                .input("x", tensors.of(x, n))
                .outputs(Shape.of(n))
                .reference(in ->
                        new double[][] {Arrays.stream(in[0]).map(definition).toArray()})
                .tolerance(3e-7, 1e-6)
                .alsoInBFloat16(BFLOAT16, BFLOAT16)
                .coordinates(16);
    }
}
