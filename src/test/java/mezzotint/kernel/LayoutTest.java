package mezzotint.kernel;

import java.util.List;
import java.util.stream.LongStream;
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

final class LayoutTest {
    /** Axes and where they go. */
    record Case(List<Long> dims, List<Integer> order) {}

    @Property(tries = 25)
    void isItsDefinition(@ForAll("cases") Case c) {
        verify(c.dims, c.order);
    }

    @Provide
    Arbitrary<Case> cases() {
        return Arbitraries.integers()
                .between(1, 6)
                .flatMap(rank -> Arbitraries.of(1L, 2L, 3L, 5L, 8L)
                        .list()
                        .ofSize(rank)
                        .flatMap(dims -> Arbitraries.shuffle(java.util.stream.IntStream.range(0, rank)
                                        .boxed()
                                        .toList())
                                .map(order -> new Case(dims, order))));
    }

    @Example
    void takesHeadsAndPictures() {
        verify(List.of(2L, 33L, 3L, 16L), List.of(0, 2, 1, 3));
        verify(List.of(2L, 17L, 70L, 33L), List.of(0, 3, 1, 2));
        verify(List.of(1L, 130L, 67L), List.of(0, 2, 1));
        verify(List.of(1L, 3L, 200L, 100L), List.of(0, 2, 3, 1));
    }

    private static void verify(List<Long> sizes, List<Integer> axes) {
        long[] dims = sizes.stream().mapToLong(Long::longValue).toArray();
        int[] order = axes.stream().mapToInt(Integer::intValue).toArray();
        long[] permuted = new long[order.length];
        int[] inverse = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            permuted[i] = dims[order[i]];
            inverse[order[i]] = i;
        }
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("x", tensors.normal(1, dims))
                    .outputs(Shape.of(permuted))
                    .forward((k, out, in) -> k.layout().permute(out[0], in[0], dims, order, false))
                    .backward((k, grad, gradOut, out, in) -> {
                        if (grad[0] != null) {
                            k.layout().permute(grad[0], gradOut, permuted, inverse, true);
                        }
                    })
                    .reference(in -> new double[][] {ReferenceEncoders.permute(in[0], dims, order)})
                    .tolerance(0, 1e-6) // nothing is computed; a slope is a difference over 2e-4 in float64
                    .coordinates(LongStream.of(dims).reduce(1, (a, b) -> a * b) > 2000 ? 6 : 48)
                    .verify();
        }
    }
}
