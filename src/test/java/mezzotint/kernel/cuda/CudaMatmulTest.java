package mezzotint.kernel.cuda;

import static mezzotint.testing.RelativeError.assertRelativeError;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mezzotint.kernel.cuda.CudaOptions.Products;
import mezzotint.kernel.reference.ReferenceMatmul;
import mezzotint.kernel.reference.ReferenceMatmul.Sizes;
import mezzotint.ptx.PtxMachine;
import mezzotint.ptx.PtxOptions;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every product kernel, also where the choice of plans would take another: with and without slices, aligned or not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CudaMatmulTest {
    /** The PTX machine with blocks and warps in a random order, and the GPU where there is one. */
    private final List<CudaDevice> devices = new ArrayList<>();

    private final List<CudaLauncher> launchers = new ArrayList<>();

    @BeforeAll
    void open() {
        devices.add(CudaDevice.on(new PtxMachine(PtxOptions.standard().shuffled(17))));
        Devices.cuda()
                .filter(open -> open.name().equals("GPU with products " + Products.OWN))
                .forEach(open -> devices.add(open.device().get()));
        devices.forEach(device -> launchers.add(new CudaLauncher(device.driver(), device.stream())));
    }

    @AfterAll
    void close() {
        launchers.forEach(CudaLauncher::close);
        devices.forEach(CudaDevice::close);
    }

    /** Whole packs everywhere, more than one tile each way, more steps than stages. */
    @ParameterizedTest
    @EnumSource(MatmulTile.class)
    void multipliesAligned(MatmulTile tile) {
        for (Layout layout : Layout.of(tile)) {
            var sizes = new Sizes(tile.rows() + 8, tile.columns() + 8, 136);
            verify(new Product(tile, 1, sizes, 0, layout, false, false, false));
            verify(new Product(tile, 1, sizes, 0, layout, true, true, true));
        }
    }

    /** Three slices, the last a short one. */
    @ParameterizedTest
    @EnumSource(MatmulTile.class)
    void addsSlices(MatmulTile tile) {
        for (Layout layout : Layout.of(tile)) {
            verify(new Product(
                    tile, 3, new Sizes(tile.rows() - 8, tile.columns() - 4, 152), 0, layout, false, true, true));
            verify(new Product(tile, 2, new Sizes(8, 12, 40), 0, layout, true, false, true));
        }
    }

    /** Odd widths from odd addresses: copies of bf16 operands, single floats, and c by way of a slice. */
    @ParameterizedTest
    @EnumSource(MatmulTile.class)
    void multipliesUnaligned(MatmulTile tile) {
        for (Layout layout : Layout.of(tile)) {
            verify(new Product(
                    tile, 1, new Sizes(tile.rows() + 1, tile.columns() + 3, 37), 1, layout, false, true, false));
            verify(new Product(tile, 2, new Sizes(7, 13, 65), 3, layout, true, true, true));
        }
    }

    /** An aligned width at an odd address. */
    @ParameterizedTest
    @EnumSource(MatmulTile.class)
    void multipliesFromAnOddAddress(MatmulTile tile) {
        for (Layout layout : Layout.of(tile)) {
            verify(new Product(tile, 1, new Sizes(16, 24, 40), 1, layout, false, true, true));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8, 70, 128, 129, 384})
    void sumsColumnsOfAnyWidth(int columns) {
        for (DType dtype : List.of(DType.F32, DType.BF16)) {
            for (int shift : new int[] {0, 1}) {
                int rows = 131;
                float[] x = normals(columns, rows * columns, dtype);
                float[] start = Tensors.normals(1, columns);
                double[] expected = ReferenceMatmul.columnSums(Tensors.doubles(x), columns);
                for (int j = 0; j < columns; j++) {
                    expected[j] += start[j];
                }
                for (CudaLauncher launcher : launchers) {
                    try (var device = new Allocations(launcher)) {
                        Tensor sums = device.of(start, DType.F32, shift, columns);
                        new CudaMatmul(launcher).columnSums(sums, device.of(x, dtype, shift, rows, columns));
                        // Chains of 3, 8 and 3 roundings of 6e-8 each.
                        assertRelativeError(dtype + " + " + shift, sums.toFloats(), expected, 1e-6);
                    }
                }
            }
        }
    }

    @Test
    void sumsColumnsOfMoreRowsThanOneSliceHas() {
        assertEquals(64, CudaMatmul.sliceRows(1, 1));
        assertEquals(64, CudaMatmul.sliceRows(65_536, 1));
        assertEquals(65_536 / 341 + 1, CudaMatmul.sliceRows(65_536, 3));
        assertEquals(65_536, CudaMatmul.sliceRows(65_536, 2000));
    }

    /** How a and b lie, and which of them is bf16 when one is. */
    private record Layout(boolean transposeA, boolean transposeB, DType a, DType b) {
        static List<Layout> of(MatmulTile tile) {
            List<Layout> layouts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                boolean transposeA = (i & 1) != 0;
                boolean transposeB = (i & 2) != 0;
                if (MatmulTile.ofBFloat16(transposeA && transposeB).contains(tile)) {
                    layouts.add(new Layout(transposeA, transposeB, DType.BF16, DType.BF16));
                } else if (MatmulTile.ofFloat32().contains(tile)) {
                    layouts.add(new Layout(transposeA, transposeB, DType.F32, DType.F32));
                } else if (MatmulTile.ofMixed().contains(tile)) {
                    layouts.add(new Layout(transposeA, transposeB, DType.F32, DType.BF16));
                    layouts.add(new Layout(transposeA, transposeB, DType.BF16, DType.F32));
                }
            }
            return layouts;
        }
    }

    private record Product(
            MatmulTile tile,
            int slices,
            Sizes sizes,
            int shift,
            Layout layout,
            boolean narrow,
            boolean biased,
            boolean accumulate) {

        double tolerance() {
            if (narrow) {
                return 4e-3; // one rounding to 8 bits
            }
            // Chains of at most 152 roundings of 6e-8 each, at random. Tensor cores cut where float32 rounds: 10 times
            // 1.2e-7.
            return layout.a == DType.BF16 && layout.b == DType.BF16 ? 2e-6 : 1e-6;
        }
    }

    private void verify(Product p) {
        double[] expected = expected(p);
        for (CudaLauncher launcher : launchers) {
            String what = p + " on " + launcher.driver().name();
            float[] first = run(p, launcher);
            assertRelativeError(what, first, expected, p.tolerance());
            assertArrayEquals(first, run(p, launcher), what + ": a second run gives other bits");
        }
    }

    private static float[] run(Product p, CudaLauncher launcher) {
        Sizes s = p.sizes;
        Layout l = p.layout;
        DType type = p.narrow ? DType.BF16 : DType.F32;
        var matmul = new CudaMatmul(launcher, (tiles, m, n, k) -> MatmulPlan.of(p.tile, p.slices, k));
        try (var device = new Allocations(launcher)) {
            float[] start = new float[s.m() * s.n()];
            Arrays.fill(start, Float.NaN);
            Tensor c = device.of(p.accumulate ? old(p) : start, type, p.shift, s.m(), s.n());
            Tensor a = device.of(left(p), l.a, p.shift, l.transposeA ? s.k() : s.m(), l.transposeA ? s.m() : s.k());
            Tensor b = device.of(right(p), l.b, p.shift, l.transposeB ? s.n() : s.k(), l.transposeB ? s.k() : s.n());
            Tensor bias = p.biased ? device.of(bias(p), DType.F32, p.shift, s.n()) : null;
            matmul.multiply(c, a, b, bias, l.transposeA, l.transposeB, p.accumulate);
            return c.toFloats();
        }
    }

    private static double[] expected(Product p) {
        double[] bias = p.biased ? Tensors.doubles(bias(p)) : null;
        double[] c = ReferenceMatmul.multiply(
                p.sizes,
                Tensors.doubles(left(p)),
                Tensors.doubles(right(p)),
                bias,
                p.layout.transposeA,
                p.layout.transposeB);
        if (p.accumulate) {
            float[] old = old(p);
            for (int i = 0; i < c.length; i++) {
                c[i] += old[i];
            }
        }
        return c;
    }

    private static float[] left(Product p) {
        return normals(1, p.sizes.m() * p.sizes.k(), p.layout.a);
    }

    private static float[] right(Product p) {
        return normals(2, p.sizes.k() * p.sizes.n(), p.layout.b);
    }

    private static float[] bias(Product p) {
        return Tensors.normals(3, p.sizes.n());
    }

    private static float[] old(Product p) {
        return normals(4, p.sizes.m() * p.sizes.n(), p.narrow ? DType.BF16 : DType.F32);
    }

    private static float[] normals(long seed, int count, DType dtype) {
        return dtype == DType.BF16 ? Tensors.normalsBFloat16(seed, count) : Tensors.normals(seed, count);
    }

    /** Tensors with memory of their own, so that the machine sees a stray access. */
    private static final class Allocations implements AutoCloseable {
        private final CudaLauncher launcher;
        private final List<CudaMemory> memories = new ArrayList<>();

        Allocations(CudaLauncher launcher) {
            this.launcher = launcher;
        }

        Tensor of(float[] values, DType dtype, int shift, long... dims) {
            long offset = (long) shift * dtype.bytes();
            var memory =
                    new CudaMemory(launcher.driver(), launcher.stream(), offset + (long) values.length * dtype.bytes());
            memories.add(memory);
            return new Tensor(memory, offset, Shape.of(dims), dtype).set(values);
        }

        @Override
        public void close() {
            memories.forEach(CudaMemory::close);
        }
    }
}
