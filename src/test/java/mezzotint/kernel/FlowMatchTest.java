package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import mezzotint.kernel.reference.ReferenceTokens;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.GuardedTensor;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

final class FlowMatchTest {
    /** One rounding to bf16, half a unit in the last of eight bits, and a little for what is computed in float32 before. */
    private static final double BFLOAT16 = 0x1.02p-8;

    /** One vector and a bit, one piece and a bit. */
    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.of(1, 3, 7, 16, 17, 33, 300, 16384, 16385, 40001);
    }

    @Property(tries = 8)
    void combineIsItsDefinition(@ForAll @IntRange(min = 1, max = 4) int b, @ForAll("sizes") int elements) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("x", tensors.normal(1, b, elements))
                    .input("z", tensors.normal(2, b, elements))
                    .constant("coefficients", tensors.normal(3, b, 3))
                    .outputs(Shape.of(b, elements))
                    .forward((k, out, in) -> k.flowMatch().combine(out[0], in[0], in[1], in[2]))
                    .backward((k, grad, gradOut, out, in) ->
                            k.flowMatch().combineBackward(grad[0], grad[1], gradOut, in[2]))
                    .reference(in -> new double[][] {ReferenceTokens.combine(in[0], in[1], in[2], b)})
                    // four roundings, α x and β z may cancel
                    .tolerance(1e-6, 1e-6)
                    .alsoInBFloat16(BFLOAT16, BFLOAT16)
                    .coordinates(6)
                    .verify();
        }
    }

    @Example
    void combinesInPlace() {
        try (var tensors = new Tensors()) {
            Tensor coefficients = tensors.normal(3, 2, 3);
            for (Devices.Setup setup : Devices.all()) {
                Tensor x = tensors.normal(1, 2, 37);
                Tensor z = tensors.normal(2, 2, 37);
                Tensor y = tensors.output(2, 37).tensor();
                setup.kernels().flowMatch().combine(y, x, z, coefficients);
                Tensor overX = tensors.arena().allocate(2, 37).copyFrom(x);
                setup.kernels().flowMatch().combine(overX, overX, z, coefficients);
                assertArrayEquals(y.toFloats(), overX.toFloats(), setup.name());
                setup.kernels().flowMatch().combine(z, x, z, coefficients);
                assertArrayEquals(y.toFloats(), z.toFloats(), setup.name());
            }
        }
    }

    @Property(tries = 8)
    void meanSquareIsItsDefinition(@ForAll @IntRange(min = 1, max = 4) int b, @ForAll("sizes") int elements) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("prediction", tensors.normal(4, b, elements))
                    .activation("target", tensors.normal(5, b, elements))
                    .outputs(Shape.of(b))
                    .wideOutput()
                    .forward((k, out, in) -> k.flowMatch().meanSquare(out[0], in[0], in[1]))
                    .backward((k, grad, gradOut, out, in) ->
                            k.flowMatch().meanSquareBackward(grad[0], gradOut, in[0], in[1]))
                    .reference(in -> new double[][] {ReferenceTokens.meanSquare(in[0], in[1], b)})
                    // The sum is float64: what is left is the rounding of each difference and of the result.
                    .tolerance(2e-7, 1e-6)
                    .alsoInBFloat16(2e-7, BFLOAT16)
                    .coordinates(6)
                    .verify();
        }
    }

    @Property(tries = 12)
    void normalNumbersAreThoseOfTheirIndices(
            @ForAll @IntRange(min = 1, max = 9001) int count,
            @ForAll @LongRange(min = 0, max = 20) long first,
            @ForAll long seed,
            @ForAll long stream) {
        float[] expected = new float[count];
        for (int i = 0; i < count; i++) {
            expected[i] = PhiloxRandom.normalAt(seed, stream, first + i);
        }
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                var y = tensors.output(count);
                setup.kernels().flowMatch().normal(y.tensor(), seed, stream, first);
                assertArrayEquals(expected, y.values(), setup.name());
                y.assertGuards(setup.name());
            }
        }
    }

    @Property(tries = 6)
    void normalNumbersInBFloat16AreTheSameRounded(
            @ForAll @IntRange(min = 1, max = 3001) int count, @ForAll @LongRange(min = 0, max = 20) long first) {
        float[] expected = new float[count];
        for (int i = 0; i < count; i++) {
            expected[i] = BFloat16.toFloat(BFloat16.fromFloat(PhiloxRandom.normalAt(3, 4, first + i)));
        }
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.withBFloat16()) {
                GuardedTensor y = tensors.guarded(Shape.of(count), DType.BF16).fill(Float.NaN);
                setup.kernels().flowMatch().normal(y.tensor(), 3, 4, first);
                assertArrayEquals(expected, y.values(), setup.name());
                y.assertGuards(setup.name());
            }
        }
    }

    @Example
    void normalNumbersGoOnFarFromTheStart() {
        long first = (1L << 40) + 3;
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                Tensor y = tensors.output(6).tensor();
                setup.kernels().flowMatch().normal(y, 8, 9, first);
                float[] actual = y.toFloats();
                for (int i = 0; i < actual.length; i++) {
                    assertEquals(PhiloxRandom.normalAt(8, 9, first + i), actual[i], setup.name());
                }
            }
        }
    }
}
