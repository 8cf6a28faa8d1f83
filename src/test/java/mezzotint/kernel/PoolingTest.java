package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mezzotint.kernel.reference.ReferencePictures;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class PoolingTest {
    /** A picture's sides and channels, and the windows over it. */
    record Case(int height, int width, int channels, PoolingGeometry geometry) {}

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<Integer> channels = Arbitraries.of(1, 3, 8, 16, 17, 24);
        Arbitrary<PoolingGeometry> geometries = Combinators.combine(
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.integers())
                .as((size, stride, padding) -> new PoolingGeometry(size, stride, Math.floorMod(padding, size / 2 + 1)));
        Arbitrary<Integer> sides = Arbitraries.of(4, 5, 7, 9);
        return Combinators.combine(sides, sides, channels, geometries).as(Case::new);
    }

    @Property(tries = 15)
    void maxIsItsDefinition(@ForAll("cases") Case c) {
        try (var tensors = new Tensors()) {
            Shape out = shape(c);
            new KernelCase(tensors)
                    .input("x", tensors.normal(1, 2, c.height, c.width, c.channels))
                    .outputs(out)
                    .forward((k, y, in) -> k.pooling().max(y[0], index(tensors, out), in[0], c.geometry))
                    .backward((k, grad, gradOut, y, in) -> {
                        // The forward's index again, in memory of its own: outputs of a case are all float32.
                        Tensor index = index(tensors, out);
                        Tensor again = tensors.arena().allocate(out, DType.F32);
                        k.pooling().max(again, index, in[0], c.geometry);
                        k.pooling().maxBackward(grad[0], gradOut, index, c.geometry);
                    })
                    .reference(in -> new double[][] {
                        ReferencePictures.maxPool(in[0], 2, c.height, c.width, c.channels, c.geometry)[0]
                    })
                    .tolerance(0, 1e-6) // nothing is computed, and sums of a few gradients round
                    .verify();
        }
    }

    private static Shape shape(Case c) {
        return Shape.of(2, c.geometry.output(c.height), c.geometry.output(c.width), c.channels);
    }

    private static Tensor index(Tensors tensors, Shape shape) {
        return tensors.arena().allocate(shape, DType.I32);
    }

    @Property(tries = 8)
    void maxTellsWhereItWasFound(@ForAll("cases") Case c) {
        try (var tensors = new Tensors()) {
            Tensor x = tensors.normal(1, 2, c.height, c.width, c.channels);
            double[] places =
                    ReferencePictures.maxPool(Tensors.doubles(x), 2, c.height, c.width, c.channels, c.geometry)[1];
            int[] expected =
                    java.util.Arrays.stream(places).mapToInt(p -> (int) p).toArray();
            for (Devices.Setup setup : Devices.all()) {
                Tensor index = index(tensors, shape(c));
                setup.kernels().pooling().max(tensors.arena().allocate(shape(c), DType.F32), index, x, c.geometry);
                assertArrayEquals(expected, ints(index), setup.name());
            }
        }
    }

    private static int[] ints(Tensor index) {
        int[] values = new int[Math.toIntExact(index.shape().elements())];
        index.read(java.lang.foreign.MemorySegment.ofArray(values));
        return values;
    }

    /** Of equals the first, and something that is no number before all: a fault upstream shall not be hidden. */
    @Example
    void maxTakesTheFirstOfEqualsAndShowsWhatIsNoNumber() {
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                Tensor index = index(tensors, Shape.of(1, 1, 2, 1));
                Tensor y = tensors.output(1, 1, 2, 1).tensor();
                Tensor x = tensors.of(new float[] {2, 2, 5, Float.NaN, 2, 1, 7, 9}, 1, 2, 4, 1);
                setup.kernels().pooling().max(y, index, x, new PoolingGeometry(2, 2, 0));
                assertArrayEquals(new int[] {0, 3}, ints(index), setup.name());
                assertTrue(Float.isNaN(y.toFloats()[1]), setup.name());
            }
        }
    }

    @Property(tries = 15)
    void averageIsItsDefinition(@ForAll("cases") Case c, @ForAll boolean countPadding) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("x", tensors.normal(1, 2, c.height, c.width, c.channels))
                    .outputs(shape(c))
                    .forward((k, y, in) -> k.pooling().average(y[0], in[0], c.geometry, countPadding))
                    .backward((k, grad, gradOut, y, in) ->
                            k.pooling().averageBackward(grad[0], gradOut, c.geometry, countPadding))
                    .reference(in -> new double[][] {
                        ReferencePictures.averagePool(in[0], 2, c.height, c.width, c.channels, c.geometry, countPadding)
                    })
                    .tolerance(1e-6, 1e-6)
                    .verify();
        }
    }

    @Example
    void refusesWindowsOfPaddingAlone() {
        assertThrows(IllegalArgumentException.class, () -> new PoolingGeometry(2, 1, 2));
        assertThrows(IllegalArgumentException.class, () -> new PoolingGeometry(0, 1, 0));
    }
}
