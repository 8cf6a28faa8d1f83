package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import mezzotint.tensor.DType;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class OperandTest {
    private static final int SIZE = 4;

    /** Blocks of 4 that may read no byte outside a memory. */
    private record Fenced(BlockCopy blocks, long begin, long end) implements BlockCopy {
        private void reads(long address, long floats) {
            assertTrue(
                    address >= begin && address + 4 * floats <= end,
                    () -> "%d floats at %d of %d bytes".formatted(floats, address - begin, end - begin));
        }

        @Override
        public int size() {
            return blocks.size();
        }

        @Override
        public void copy(long source, long sourceRowBytes, long target, long targetRowBytes, int rows) {
            for (int row = 0; row < rows; row++) {
                reads(source + row * sourceRowBytes, size());
            }
            blocks.copy(source, sourceRowBytes, target, targetRowBytes, rows);
        }

        @Override
        public void copyRow(long source, float[] target, int index, int length) {
            reads(source, Math.ceilDiv(length, size()) * size());
            blocks.copyRow(source, target, index, length);
        }

        @Override
        public void transpose(long source, long sourceRowBytes, long target, long targetRowBytes) {
            throw new AssertionError("lanes lie side by side");
        }
    }

    /** A (depth, stride) matrix of which lanes [0, lanes) are packed: the numbers are there, and nothing else was read. */
    @Property
    void packedStripsHoldTheirLanes(
            @ForAll @IntRange(min = 1, max = 60) int lanes,
            @ForAll @IntRange(max = 9) int more,
            @ForAll @IntRange(min = 1, max = 11) int depth,
            @ForAll @IntRange(min = 1, max = SIZE) int step,
            @ForAll @IntRange(min = 1, max = 20) int most) {
        int stride = lanes + more;
        try (CpuMemory memory = CpuMemory.allocate(4L * (stride * (depth - 1) + lanes))) {
            Operand operand = matrix(memory, lanes, stride);
            int groups = Math.min(most, Math.ceilDiv(lanes, step));
            float[][] targets = new float[groups][SIZE * depth];
            operand.packTogether(fenced(memory), step, depth, targets, groups);
            for (int group = 0; group < groups; group++) {
                for (int k = 0; k < depth; k++) {
                    for (int i = 0; i < step && group * step + i < lanes; i++) {
                        assertEquals(k * stride + group * step + i, targets[group][SIZE * k + i]);
                    }
                }
            }
        }
    }

    /** The same for panels of one or more blocks, with zeros where there is no lane, and nothing between panels. */
    @Property
    void packedPanelsHoldTheirLanes(
            @ForAll @IntRange(min = 1, max = 60) int lanes,
            @ForAll @IntRange(max = 9) int more,
            @ForAll @IntRange(min = 1, max = 11) int depth,
            @ForAll @IntRange(min = 1, max = 3) int size,
            @ForAll @IntRange(max = 10) int first) {
        int stride = lanes + more;
        int width = size * SIZE;
        int groups = Math.ceilDiv(lanes, width);
        int panel = width * depth + 5;
        try (CpuMemory memory = CpuMemory.allocate(4L * (stride * (depth - 1) + lanes));
                CpuMemory packed = CpuMemory.allocate(4L * panel * groups)) {
            Operand operand = matrix(memory, lanes, stride);
            float[] expected = new float[panel * groups];
            Arrays.fill(expected, -1);
            for (int i = 0; i < expected.length; i++) {
                Floats.set(packed.address(), i, -1);
            }
            int from = Math.min(first, depth);
            operand.packTogether(fenced(memory), groups, width, width, from, depth, packed.address(), 4L * panel);
            for (int group = 0; group < groups; group++) {
                for (int k = from; k < depth; k++) {
                    for (int i = 0; i < width; i++) {
                        int lane = group * width + i;
                        expected[panel * group + width * k + i] = lane < lanes ? k * stride + lane : 0;
                    }
                }
            }
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], Floats.get(packed.address(), i));
            }
        }
    }

    /** Element (lane, k) is k · stride + lane. */
    private static Operand matrix(CpuMemory memory, int lanes, int stride) {
        for (int i = 0; i < memory.byteSize() / 4; i++) {
            Floats.set(memory.address(), i, i);
        }
        return new Operand(memory.address(), 4, 4L * stride, lanes, DType.F32);
    }

    private static Fenced fenced(CpuMemory memory) {
        return new Fenced(new PlainBlockCopy(), memory.address(), memory.address() + memory.byteSize());
    }
}
