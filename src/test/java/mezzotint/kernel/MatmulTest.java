package mezzotint.kernel;

import static mezzotint.testing.RelativeError.assertRelativeError;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import mezzotint.kernel.Kernels.Matmul;
import mezzotint.kernel.reference.ReferenceMatmul;
import mezzotint.kernel.reference.ReferenceMatmul.Sizes;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.GuardedTensor;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

final class MatmulTest {

    @Property(tries = 40)
    void isItsDefinition(
            @ForAll("sizes") Sizes sizes,
            @ForAll boolean transposeA,
            @ForAll boolean transposeB,
            @ForAll boolean biased,
            @ForAll boolean bfloat16) {
        verify(sizes, transposeA, transposeB, biased, bfloat16, 12);
    }

    /** Around the tiles of all widths (rows 4, 6, 14; columns 4, 16, 32) and the blocks they are packed in (4, 8, 16). */
    @Provide
    Arbitrary<Sizes> sizes() {
        var extents = Arbitraries.of(1, 2, 3, 5, 6, 7, 13, 14, 15, 16, 17, 29, 31, 32, 33, 47);
        return Combinators.combine(extents, extents, extents).as(Sizes::new);
    }

    @Property(tries = 10)
    void isItsDefinitionAroundTheTilesOfCuda(
            @ForAll("tileSizes") Sizes sizes, @ForAll boolean transposeA, @ForAll boolean transposeB) {
        // Of few coordinates all could be small sums of large terms, and their relative error large.
        verify(sizes, transposeA, transposeB, true, false, 12);
    }

    /** Around the blocks of the CUDA kernels (64, 128, 256), their steps (16, 32) and packs (4, 8). */
    @Provide
    Arbitrary<Sizes> tileSizes() {
        return Combinators.combine(
                        Arbitraries.of(63, 64, 65, 127, 128, 129, 136),
                        Arbitraries.of(60, 64, 72, 127, 132, 255, 256, 264),
                        Arbitraries.of(1, 15, 16, 17, 31, 32, 33, 40, 65))
                .as(Sizes::new);
    }

    @Example
    void takesTheModelsOwnShapes() {
        verify(new Sizes(31, 1152, 384), false, true, false, false, 2);
        verify(new Sizes(31, 384, 1344), false, true, true, false, 2);
    }

    /** As many rows as a tile has columns: turned around, their product fills its tiles. */
    @Property(tries = 12)
    void turnsRowsThatFillAPanel(
            @ForAll("panelRows") int rows,
            @ForAll("blocks") int columns,
            @ForAll("depths") int k,
            @ForAll boolean biased) {
        verify(new Sizes(rows, columns, k), false, true, biased, false, 4);
        try (var tensors = new Tensors()) {
            Tensor a = tensors.normal(1, rows + 1, k);
            Tensor b = tensors.normal(2, columns, k);
            Tensor bias = biased ? tensors.normal(3, columns) : null;
            for (Devices.Setup setup : Devices.all()) {
                if (!setup.ordersSumsAlike()) {
                    continue;
                }
                Tensor one = tensors.normal(4, rows, columns);
                Tensor other = tensors.normal(5, rows + 1, columns);
                setup.kernels().matmul().multiply(one, a.rows(0, rows), b, bias, false, true, false);
                setup.kernels().matmul().multiply(other, a, b, bias, false, true, false);
                assertArrayEquals(other.rows(0, rows).toFloats(), one.toFloats(), setup.name());
            }
        }
    }

    @Provide
    Arbitrary<Integer> panelRows() {
        return Arbitraries.of(8, 16, 32);
    }

    @Provide
    Arbitrary<Integer> blocks() {
        return Arbitraries.of(16, 32, 48, 208);
    }

    @Provide
    Arbitrary<Integer> depths() {
        return Arbitraries.of(1, 15, 64, 384, 1040);
    }

    @Example
    void cutsDeepProductsIntoBlocks() {
        verify(new Sizes(15, 17, 2053), true, false, true, false, 2);
        verify(new Sizes(15, 33, 2048), false, true, false, false, 2);
    }

    @Example
    void agreesWithEjmlOnAWholeBatch() {
        int m = 2048;
        int n = 1152;
        int k = 384;
        float[] a = Tensors.normals(1, m * k);
        float[] b = Tensors.normals(2, n * k);
        var product = new DMatrixRMaj(m, n);
        CommonOps_DDRM.multTransB(
                DMatrixRMaj.wrap(m, k, Tensors.doubles(a)), DMatrixRMaj.wrap(n, k, Tensors.doubles(b)), product);
        try (var tensors = new Tensors()) {
            GuardedTensor c = tensors.output(m, n);
            Devices.one()
                    .kernels()
                    .matmul()
                    .multiply(c.tensor(), tensors.of(a, m, k), tensors.of(b, n, k), null, false, true, false);
            // A chain of 384 roundings of 2⁻²⁴ each, at random: √384 · 6e-8.
            assertRelativeError(c.values(), product.getData(), 1.2e-6);
        }
    }

    @Example
    void multipliesNothing() {
        for (Devices.Setup setup : Devices.all()) {
            Matmul matmul = setup.kernels().matmul();
            try (var tensors = new Tensors(1 << 20)) {
                Tensor none = tensors.arena().allocate(Shape.of(3, 0), DType.F32);
                Tensor noneToo = tensors.arena().allocate(Shape.of(0, 2), DType.F32);
                Tensor bias = tensors.of(new float[] {1, 2}, 2);
                GuardedTensor c = tensors.output(3, 2);
                matmul.multiply(c.tensor(), none, noneToo, bias, false, false, false);
                assertArrayEquals(new float[] {1, 2, 1, 2, 1, 2}, c.values());
                matmul.multiply(c.tensor(), none, noneToo, bias, false, false, true);
                assertArrayEquals(new float[] {2, 4, 2, 4, 2, 4}, c.values());
                matmul.multiply(c.tensor(), none, noneToo, null, false, false, true);
                assertArrayEquals(new float[] {2, 4, 2, 4, 2, 4}, c.values());
                matmul.multiply(c.tensor(), none, noneToo, null, false, false, false);
                assertArrayEquals(new float[6], c.values());
                matmul.multiply(noneToo, noneToo, tensors.normal(1, 2, 2), null, false, false, false);
                c.assertGuards(setup.name());
            }
        }
    }

    @Example
    void addsBiasOnTop() {
        for (Devices.Setup setup : Devices.all()) {
            try (var tensors = new Tensors(1 << 20)) {
                Tensor c = tensors.of(new float[] {100, 200}, 1, 2);
                Tensor b = tensors.of(new float[] {3, 4}, 1, 2);
                Tensor bias = tensors.of(new float[] {10, 20}, 2);
                setup.kernels().matmul().multiply(c, tensors.of(new float[] {2}, 1, 1), b, bias, false, false, true);
                assertArrayEquals(new float[] {116, 228}, c.toFloats());
            }
        }
    }

    @Example
    void sumsColumnsOfManyRows() {
        sumColumns(1100, 70);
        sumColumns(300, 384);
    }

    private static void sumColumns(int rows, int columns) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .activation("x", tensors.normal(3, rows, columns))
                    .outputs(Shape.of(columns))
                    .forward((kernels, out, in) -> {
                        out[0].zero();
                        kernels.matmul().columnSums(out[0], in[0]);
                    })
                    .reference(in -> new double[][] {ReferenceMatmul.columnSums(in[0], columns)})
                    .wideOutput()
                    .alsoInBFloat16(1e-6, 1e-6) // the sums of exact bf16 numbers are float32
                    .verify();
        }
    }

    /** The gradients of a product are products with the other operand and the sums of columns: they are the backward here. */
    private static void verify(
            Sizes s, boolean transposeA, boolean transposeB, boolean biased, boolean bfloat16, int coordinates) {
        try (var tensors = new Tensors()) {
            long[] a = transposeA ? new long[] {s.k(), s.m()} : new long[] {s.m(), s.k()};
            long[] b = transposeB ? new long[] {s.n(), s.k()} : new long[] {s.k(), s.n()};
            var test = new KernelCase(tensors)
                    .input("a", bfloat16 ? tensors.normalBFloat16(s.m(), a) : tensors.normal(s.m(), a))
                    .input("b", bfloat16 ? tensors.normalBFloat16(s.n() + 50, b) : tensors.normal(s.n() + 50, b));
            if (biased) {
                test.parameter("bias", tensors.normal(s.k(), s.n()));
            }
            test.outputs(Shape.of(s.m(), s.n()))
                    .forward((kernels, out, in) -> kernels.matmul()
                            .multiply(out[0], in[0], in[1], biased ? in[2] : null, transposeA, transposeB, false))
                    .backward((kernels, gradients, gradOut, _, in) ->
                            backward(kernels.matmul(), gradients, gradOut, in, transposeA, transposeB))
                    .reference(in -> new double[][] {
                        ReferenceMatmul.multiply(s, in[0], in[1], biased ? in[2] : null, transposeA, transposeB)
                    })
                    // √k roundings of 6e-8 each
                    .tolerance(s.k() > 1000 ? 3e-6 : 1.5e-6, slopeTolerance(s))
                    .coordinates(coordinates);
            if (!bfloat16) {
                test.alsoInBFloat16(4e-3, 4e-3); // one rounding to 8 bits at the end: at most 2⁻⁹
            }
            test.verify();
        }
    }

    /** Where a gradient has but a few elements, its sums may all nearly cancel, and the roundings of their terms stay. */
    private static double slopeTolerance(Sizes s) {
        return Math.min(s.m(), s.n()) * s.k() < 4 ? 1e-4 : 1e-5;
    }

    private static void backward(
            Matmul matmul, Tensor[] gradients, Tensor gradOut, Tensor[] in, boolean transposeA, boolean transposeB) {
        if (gradients[0] != null && transposeA) {
            matmul.multiply(gradients[0], in[1], gradOut, null, transposeB, true, true);
        } else if (gradients[0] != null) {
            matmul.multiply(gradients[0], gradOut, in[1], null, false, !transposeB, true);
        }
        if (gradients[1] != null && transposeB) {
            matmul.multiply(gradients[1], gradOut, in[0], null, true, transposeA, true);
        } else if (gradients[1] != null) {
            matmul.multiply(gradients[1], in[0], gradOut, null, !transposeA, false, true);
        }
        if (gradients.length > 2 && gradients[2] != null) {
            matmul.columnSums(gradients[2], gradOut);
        }
    }
}
