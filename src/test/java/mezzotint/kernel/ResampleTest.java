package mezzotint.kernel;

import mezzotint.kernel.EncoderKernels.Resample.Taps;
import mezzotint.kernel.reference.ReferencePictures;
import mezzotint.tensor.Shape;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class ResampleTest {
    /** One axis: how long it is, how long it gets, and how many taps each result has. */
    record Axis(int from, int to, int taps) {
        Taps taps(Tensors tensors, int seed) {
            int[] start = new int[to];
            for (int i = 0; i < to; i++) {
                start[i] = to == 1 ? from - taps : i * (from - taps) / (to - 1);
            }
            return new Taps(tensors.of(start, to), tensors.of(weights(seed), to, taps));
        }

        /** Some of them zero, as where a border has fewer taps. */
        float[] weights(int seed) {
            float[] weights = Tensors.normals(seed, to * taps);
            for (int i = 3; i < weights.length; i += 5) {
                weights[i] = 0;
            }
            return weights;
        }

        double[][] matrix(int seed) {
            double[][] matrix = new double[to][from];
            float[] weights = weights(seed);
            for (int i = 0; i < to; i++) {
                int start = to == 1 ? from - taps : i * (from - taps) / (to - 1);
                for (int u = 0; u < taps; u++) {
                    matrix[i][start + u] = weights[i * taps + u];
                }
            }
            return matrix;
        }
    }

    @Property(tries = 15)
    void isItsDefinition(@ForAll("axes") Axis rows, @ForAll("axes") Axis columns, @ForAll("channels") int c) {
        verify(rows, columns, c);
    }

    @Provide
    Arbitrary<Axis> axes() {
        return Combinators.combine(Arbitraries.of(1, 2, 5, 8), Arbitraries.of(1, 3, 8, 11), Arbitraries.of(1, 2, 4))
                .as((from, to, taps) -> new Axis(from, to, Math.min(from, taps)));
    }

    @Provide
    Arbitrary<Integer> channels() {
        return Arbitraries.of(1, 3, 8, 16, 17, 40);
    }

    @Example
    void takesWidePictures() {
        verify(new Axis(6, 12, 1), new Axis(300, 150, 3), 3);
    }

    private static void verify(Axis rows, Axis columns, int c) {
        try (var tensors = new Tensors()) {
            Taps down = rows.taps(tensors, 11);
            Taps across = columns.taps(tensors, 12);
            double[][] downs = rows.matrix(11);
            double[][] acrosses = columns.matrix(12);
            new KernelCase(tensors)
                    .input("x", tensors.normal(1, 2, rows.from, columns.from, c))
                    .outputs(Shape.of(2, rows.to, columns.to, c))
                    .forward((k, out, in) -> k.resample().forward(out[0], in[0], down, across))
                    .backward((k, grad, gradOut, out, in) -> k.resample().backward(grad[0], gradOut, down, across))
                    .reference(in -> new double[][] {ReferencePictures.resample(in[0], downs, acrosses, 2, c)})
                    .coordinates(rows.from * columns.from * c > 2000 ? 6 : 48)
                    .verify();
        }
    }
}
