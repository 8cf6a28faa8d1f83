package mezzotint.kernel;

import mezzotint.kernel.reference.ReferenceNorms;
import mezzotint.tensor.Shape;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class RopeTest {
    /** A number rounded to bf16 is off by at most 2⁻⁸ of itself; one per cent more is for float32's own roundings. */
    private static final double ROUNDED = 1.01 * 0x1p-8;

    @Property(tries = 12)
    void isItsDefinition(
            @ForAll("batches") int b,
            @ForAll("heads") int h,
            @ForAll("tokens") int l,
            @ForAll("headWidths") int d,
            @ForAll boolean tablePerSample) {
        verify(b, h, l, d, tablePerSample);
    }

    @Provide
    Arbitrary<Integer> batches() {
        return Arbitraries.of(1, 2, 3);
    }

    @Provide
    Arbitrary<Integer> heads() {
        return Arbitraries.of(1, 2, 3, 4, 5, 6, 7, 9);
    }

    @Provide
    Arbitrary<Integer> tokens() {
        return Arbitraries.of(1, 13, 15, 16, 17, 31, 32, 33, 63, 65);
    }

    @Provide
    Arbitrary<Integer> headWidths() {
        return Arbitraries.of(2, 6, 8, 14, 16, 24, 32, 64, 128);
    }

    @Example
    void takesTheModelsOwnShape() {
        verify(2, 6, 64, 64, false);
    }

    private static void verify(int b, int h, int l, int d, boolean tablePerSample) {
        int tables = tablePerSample ? b : 1;
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("x", tensors.normal(l + d, b, h, l, d))
                    // Any numbers: the kernel does not know that they are cosines and sines.
                    .constant("table", tensors.normal(l * d, tables, l, d / 2, 2))
                    .outputs(Shape.of(b, h, l, d))
                    .forward((kernels, out, in) -> kernels.rope().forward(out[0], in[0], in[1]))
                    .backward((kernels, gradients, gradOut, out, in) ->
                            kernels.rope().backward(gradients[0], gradOut, in[1]))
                    .reference(in -> new double[][] {ReferenceNorms.rope(in[0], in[1], tables, b, h, l, d)})
                    .alsoInBFloat16(ROUNDED, ROUNDED)
                    .coordinates(b * h * l * d > 20_000 ? 12 : 48)
                    .verify();
        }
    }
}
