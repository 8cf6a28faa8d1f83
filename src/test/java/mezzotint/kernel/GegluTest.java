package mezzotint.kernel;

import mezzotint.kernel.reference.ReferenceKernels;
import mezzotint.tensor.Shape;
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

final class GegluTest {
    /** A number rounded to bf16 is off by at most 2⁻⁸ of itself; one per cent more is for float32's own roundings. */
    private static final double ROUNDED = 1.01 * 0x1p-8;

    @Property(tries = 12)
    void isItsDefinition(
            @ForAll @IntRange(min = 1, max = 7) int n,
            @ForAll("widths") int m,
            @ForAll @LongRange(min = 0, max = 99) long seed) {
        verify(n, m, seed, 1);
    }

    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 61, 127);
    }

    @Example
    void takesSeveralPieces() {
        verify(27, 1344, 1, 1);
    }

    /** Where the units of a CUDA block end: 512 of four floats, and 512 of eight bf16. */
    @Example
    void takesCountsAroundABlock() {
        for (int m : new int[] {2047, 2048, 2049, 4095, 4096, 4097, 4104}) {
            verify(1, m, m, 1);
        }
    }

    @Example
    void staysFiniteFarFromZero() {
        verify(3, 67, 2, 30);
    }

    private static void verify(int n, int m, long seed, float size) {
        try (var tensors = new Tensors()) {
            float[] gate = Tensors.normals(seed, n * m);
            for (int i = 0; i < gate.length; i++) {
                gate[i] *= size;
            }
            new KernelCase(tensors)
                    .input("gate", tensors.of(gate, n, m))
                    .input("up", tensors.normal(seed + 100, n, m))
                    .outputs(Shape.of(n, m))
                    .forward((k, out, in) -> k.geglu().forward(out[0], in[0], in[1]))
                    .backward(
                            (k, grad, gradOut, out, in) -> k.geglu().backward(grad[0], grad[1], gradOut, in[0], in[1]))
                    .firstBackward((k, grad, gradOut, out, in) ->
                            k.geglu().firstBackward(grad[0], grad[1], gradOut, in[0], in[1]))
                    .reference(in -> new double[][] {geglu(in[0], in[1])})
                    // A few roundings of 2⁻²⁴, and the slope's zero near −0.75 leaves a difference of like terms.
                    .tolerance(5e-7, 2e-6)
                    .alsoInBFloat16(ROUNDED, ROUNDED)
                    .coordinates(n * m > 10_000 ? 3 : 48)
                    .verify();
        }
    }

    private static double[] geglu(double[] gate, double[] up) {
        double[] y = new double[gate.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = ReferenceKernels.geluTanh(gate[i]) * up[i];
        }
        return y;
    }
}
