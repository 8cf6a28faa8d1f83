package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import mezzotint.tensor.DType;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Products of two sides that are read where they lie, with a tile of plain loops: on every machine, whatever its vectors. */
class ProductBlockTest {
    private static final int SIZE = 4;

    /** Always in place. */
    private static final Blocking IN_PLACE = new Blocking(16, 2, 16, 2, 1, Long.MAX_VALUE);

    /** A 4 × 4 tile that may copy from nowhere but a memory, and counts the copies. */
    private record Fenced(TileKernel tile, long begin, long end, AtomicInteger copies) implements CopyingTile {
        @Override
        public int rows() {
            return tile.rows();
        }

        @Override
        public int columns() {
            return tile.columns();
        }

        @Override
        public int stripWidth() {
            return tile.stripWidth();
        }

        @Override
        public void multiplyRows(
                int depth, float[] strip, long b, long bRow, long addend, long addendRow, long c, long cRow) {
            throw new AssertionError("lanes lie side by side");
        }

        @Override
        public void multiplyPacked(
                int depth, float[] strip, long b, long bRow, long addend, long addendRow, long c, long cRow) {
            tile.multiplyPacked(depth, strip, b, bRow, addend, addendRow, c, cRow);
        }

        /** Copies first: a tile that still needed what it overwrites would show. */
        @Override
        public void multiplyCopying(
                int depth,
                float[] strip,
                long b,
                long bRow,
                long addend,
                long addendRow,
                long c,
                long cRow,
                long source,
                long sourceRow,
                float[] target) {
            copies.incrementAndGet();
            for (int k = 0; k < depth; k++) {
                long from = source + k * sourceRow;
                assertTrue(from >= begin && from + 4 * SIZE <= end, () -> "row at " + (from - begin));
                for (int i = 0; i < SIZE; i++) {
                    target[SIZE * k + i] = Floats.get(from, i);
                }
            }
            multiplyPacked(depth, strip, b, bRow, addend, addendRow, c, cRow);
        }
    }

    /** Of small whole numbers, which float32 adds exactly; a has rows longer than its lanes and ends with the last of them. */
    @Property
    void productsInPlaceAreExact(
            @ForAll @IntRange(min = 9, max = 60) int m,
            @ForAll @IntRange(min = 1, max = 16) int panels,
            @ForAll @IntRange(max = 40) int depth,
            @ForAll @IntRange(max = 5) int more,
            @ForAll @IntRange(min = 1, max = 4) int workers,
            @ForAll boolean accumulate) {
        int n = SIZE * panels;
        int stride = m + more;
        try (var threads = new CpuThreads(workers);
                var scratch = new CpuScratch(workers);
                CpuMemory a = numbers(stride * Math.max(0, depth - 1) + m, 7);
                CpuMemory b = numbers(Math.max(1, n * depth), 5);
                CpuMemory c = numbers(m * n, 3)) {
            var resources = new CpuResources(threads, scratch, VectorWidth.PLAIN);
            var tile = new Fenced(new PlainTile(), a.address(), a.address() + a.byteSize(), new AtomicInteger());
            var output = new ProductBlock.Output(c.address(), 4L * n, m, n);
            var addend = ProductBlock.Addend.of(output, accumulate, null, 0);
            var left = new Operand(a.address(), 4, 4L * stride, m, DType.F32);
            var right = new Operand(b.address(), 4, 4L * n, n, DType.F32);
            new ProductBlock(
                            resources,
                            tile,
                            BlockCopy.of(VectorWidth.PLAIN),
                            IN_PLACE,
                            output,
                            addend,
                            left,
                            right,
                            depth)
                    .run();
            int strips = Math.ceilDiv(m, SIZE);
            int parts = n > m ? 1 : Math.min(strips, workers);
            int last = m % SIZE == 0 ? 0 : 1;
            int shares = n > m ? Math.min(panels, workers) : 1;
            assertTrue(tile.copies().get() >= shares * (strips - parts - last), tile.copies() + " copies");
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double expected = accumulate ? number(i * n + j, 3) : 0;
                    for (int k = 0; k < depth; k++) {
                        expected += number(stride * k + i, 7) * number(n * k + j, 5);
                    }
                    assertEquals(expected, Floats.get(c.address(), (long) i * n + j));
                }
            }
        }
    }

    @Property
    void readingAheadReadsEveryLine(
            @ForAll @IntRange(max = 9) int rows,
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(max = 9) int more) {
        int stride = width + more;
        int all = 0;
        try (CpuMemory memory = numbers(Math.max(1, stride * rows), 31)) {
            for (int row = 0; row < rows; row++) {
                for (int i = 0; i < width; i += 16) {
                    all |= Float.floatToRawIntBits(number(stride * row + i, 31));
                }
            }
            assertEquals(all, ReadAhead.rows(memory.address(), 4L * stride, 4L * width, rows));
        }
    }

    private static CpuMemory numbers(int count, int period) {
        CpuMemory memory = CpuMemory.allocate(4L * count);
        for (int i = 0; i < count; i++) {
            Floats.set(memory.address(), i, number(i, period));
        }
        return memory;
    }

    private static float number(int index, int period) {
        return index % period - period / 2;
    }
}
