package mezzotint.kernel;

import mezzotint.kernel.reference.ReferenceEncoders;
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

final class GroupNormTest {
    @Property(tries = 12)
    void isItsDefinition(
            @ForAll @IntRange(min = 1, max = 3) int b,
            @ForAll("pixels") int n,
            @ForAll("groups") int groups,
            @ForAll("widths") int perGroup) {
        verify(b, n, groups, perGroup);
    }

    @Provide
    Arbitrary<Integer> pixels() {
        return Arbitraries.of(1, 2, 7, 16, 33);
    }

    @Provide
    Arbitrary<Integer> groups() {
        return Arbitraries.of(1, 2, 3, 8);
    }

    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(1, 2, 3, 4, 5, 8, 16, 17);
    }

    /** The sums of a group go over several pieces: of many pixels, and of few. */
    @Example
    void sumsOverManyPieces() {
        verify(2, 700, 4, 12);
        verify(1, 20_000, 1, 3);
        verify(1, 37, 32, 16);
    }

    @Example
    void takesTinyAndHugePictures() {
        for (float size : new float[] {1e-6f, 1e-3f, 1e6f}) {
            try (var tensors = new Tensors()) {
                // No slope: the step of a central difference does not suit them.
                forward(tensors, new Sizes(1, 40, 2, 8), size, 0, 1e-6f * size * size)
                        .verify();
            }
        }
    }

    /** The mean of the squares is 10⁶ times the variance, which float32 sums would lose. */
    @Example
    void keepsSmallDifferencesOfLargeNumbers() {
        try (var tensors = new Tensors()) {
            backward(forward(tensors, new Sizes(1, 500, 2, 8), 1, 1000, 1e-6f))
                    // The mean that the backward gets is a float32 near 1000, off by up to 3e-5 of a standard
                    // deviation.
                    .tolerance(1e-6, 1e-4)
                    .coordinates(6)
                    .verify();
        }
    }

    private static void verify(int b, int n, int groups, int perGroup) {
        // A large eps: at 1e-6 the gradient of a group of one or two is what is left of numbers a million times as
        // large.
        float eps = n * perGroup < 16 ? 0.25f : 1e-6f;
        try (var tensors = new Tensors()) {
            backward(forward(tensors, new Sizes(b, n, groups, perGroup), 1, 0, eps))
                    .coordinates(n * groups * perGroup > 2000 ? 6 : 48)
                    .verify();
        }
    }

    private record Sizes(int b, int n, int groups, int perGroup) {
        int channels() {
            return groups * perGroup;
        }
    }

    private static KernelCase forward(Tensors tensors, Sizes s, float size, float offset, float eps) {
        float[] x = Tensors.normals(1, s.b * s.n * s.channels());
        for (int i = 0; i < x.length; i++) {
            x[i] = x[i] * size + offset;
        }
        return new KernelCase(tensors)
                .input("x", tensors.of(x, s.b, s.n, s.channels()))
                .parameter("scale", tensors.normal(2, s.channels()))
                .parameter("shift", tensors.normal(3, s.channels()))
                .outputs(Shape.of(s.b, s.n, s.channels()), Shape.of(s.b, s.groups), Shape.of(s.b, s.groups))
                .forward((k, out, in) -> k.groupNorm().forward(out[0], out[1], out[2], in[0], in[1], in[2], eps))
                .reference(in -> ReferenceEncoders.groupNorm(in[0], in[1], in[2], s.b, s.n, s.groups, eps));
    }

    private static KernelCase backward(KernelCase forward) {
        return forward.backward((k, grad, gradOut, out, in) ->
                k.groupNorm().backward(grad[0], grad[1], grad[2], gradOut, in[0], out[1], out[2], in[1]));
    }
}
