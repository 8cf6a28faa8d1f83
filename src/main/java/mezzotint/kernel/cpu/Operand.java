package mezzotint.kernel.cpu;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;

/**
 * One side of a product as it lies in memory, seen as lanes × depth: lanes are the rows of op(a) or the columns of op(b).
 *
 * @param address of lane 0, depth 0
 * @param laneBytes stride from lane to lane
 * @param depthBytes stride along the depth
 * @param lanes number of lanes
 * @param dtype F32, BF16 or F16
 */
record Operand(long address, long laneBytes, long depthBytes, int lanes, DType dtype) {

    /** A matrix whose lanes are rows ({@code lanesAreRows}) or columns of a row-major (…, {@code columns}). */
    static Operand of(long address, int columns, int lanes, boolean lanesAreRows, DType dtype) {
        long element = dtype.bytes();
        return lanesAreRows
                ? new Operand(address, columns * element, element, lanes, dtype)
                : new Operand(address, element, columns * element, lanes, dtype);
    }

    /** Address of one element. */
    long at(int lane, int depth) {
        return address + lane * laneBytes + depth * depthBytes;
    }

    /** The same matrix seen from a later lane and depth on. */
    Operand from(int lane, int depth) {
        return new Operand(at(lane, depth), laneBytes, depthBytes, lanes - lane, dtype);
    }

    /** Whether {@code width} lanes lie side by side as float32, so that a kernel can read them without a copy. */
    boolean isContiguous(int width) {
        return hasAdjacentLanes() && lanes >= width;
    }

    /** Whether lanes lie side by side as float32. */
    boolean hasAdjacentLanes() {
        return isFloat32() && laneBytes == 4;
    }

    boolean isFloat32() {
        return dtype == DType.F32;
    }

    /**
     * Writes {@code width} lanes depth-major: target[k, i] = element (lane + i, depth0 + k), zero where there is no such lane.
     *
     * @param width a multiple of the block's size
     */
    void pack(BlockCopy blocks, int lane, int width, int depth0, int depth, long target) {
        int size = blocks.size();
        long rowBytes = 4L * width;
        for (int i = 0; i < width; i += size) {
            int present = Math.min(size, lanes - lane - i);
            long to = target + 4L * i;
            if (present == size && hasAdjacentLanes()) {
                blocks.copy(at(lane + i, depth0), depthBytes, to, rowBytes, depth);
            } else if (present == size && isFloat32() && depthBytes == 4) {
                int whole = depth - depth % size;
                for (int k = 0; k < whole; k += size) {
                    blocks.transpose(at(lane + i, depth0 + k), laneBytes, to + k * rowBytes, rowBytes);
                }
                packSingly(lane + i, size, size, depth0 + whole, depth - whole, to + whole * rowBytes, rowBytes);
            } else {
                packSingly(lane + i, Math.max(0, present), size, depth0, depth, to, rowBytes);
            }
        }
    }

    /**
     * {@link #pack} for {@code groups} groups of {@code width} lanes, {@code step} lanes apart and {@code groupBytes} apart in the
     * target, over depths [from, to): row after row, so that memory is read in order, for float32 lanes side by side.
     *
     * @param width a multiple of the block's size
     */
    void packTogether(
            BlockCopy blocks, int groups, int step, int width, int from, int to, long target, long groupBytes) {
        int whole = lanes < width ? 0 : Math.min(groups, (lanes - width) / step + 1);
        for (int k = from; k < to; k++) {
            blocks.copyPieces(at(0, k), 4L * step, target + 4L * width * k, groupBytes, width, whole);
        }
        for (int group = whole; group < groups; group++) {
            pack(blocks, group * step, width, from, to - from, target + group * groupBytes + 4L * width * from);
        }
    }

    /**
     * Writes groups of {@code step} lanes into an array each: targets[group][width · k + i] = element (group · step + i, k), with
     * width the block's size, for float32 lanes side by side. What is written of other lanes, or of none, is undefined.
     *
     * @param step lanes of a group, at most the block's size
     */
    void packTogether(BlockCopy blocks, int step, int depth, float[][] targets, int groups) {
        int width = blocks.size();
        int whole = lanes < width ? 0 : Math.min(groups, (lanes - width) / step + 1);
        int k = 0;
        if (4L * step * (groups + 1)
                < depthBytes) { // memory gives pieces of rows faster when it may begin with several
            for (; k + 4 <= depth; k += 4) {
                blocks.copyFour(at(0, k), 4L * step, depthBytes, targets, width * k, whole);
            }
        }
        for (; k < depth; k++) {
            blocks.copy(at(0, k), 4L * step, targets, width * k, whole);
        }
        for (int group = whole; group < groups; group++) {
            packLast(blocks, group * step, Math.min(step, lanes - group * step), depth, targets[group]);
        }
    }

    /** Lanes at the end: whole blocks, which go on into the next row, but for the last row, after which there may be no memory. */
    private void packLast(BlockCopy blocks, int lane, int present, int depth, float[] target) {
        int width = blocks.size();
        int rows = 4L * (lane + width) <= depthBytes + 4L * lanes ? Math.max(0, depth - 1) : 0;
        for (int k = 0; k < rows; k++) {
            blocks.copyRow(at(lane, k), target, width * k, width);
        }
        for (int k = rows; k < depth; k++) {
            for (int i = 0; i < present; i++) {
                target[width * k + i] = get(at(lane + i, k));
            }
        }
    }

    /** Copies {@code count} elements along the depth of a lane, as float32, into an array. */
    void copyDepth(int lane, int count, float[] target, int index) {
        if (isFloat32() && depthBytes == 4) {
            if (count > 0) { // there may be no memory to look up
                CpuMemory.check(at(lane, 0), 4L * count);
                MemorySegment.copy(CpuMemory.ALL, JAVA_FLOAT_UNALIGNED, at(lane, 0), target, index, count);
            }
            return;
        }
        for (int k = 0; k < count; k++) {
            target[index + k] = get(at(lane, k));
        }
    }

    private void packSingly(int lane, int present, int width, int depth0, int depth, long target, long rowBytes) {
        for (int k = 0; k < depth; k++) {
            long to = target + k * rowBytes;
            for (int i = 0; i < present; i++) {
                set(to + 4L * i, get(at(lane + i, depth0 + k)));
            }
            for (int i = present; i < width; i++) {
                set(to + 4L * i, 0);
            }
        }
    }

    private float get(long address) {
        if (isFloat32()) {
            return CpuMemory.ALL.get(JAVA_FLOAT_UNALIGNED, address);
        }
        short bits = CpuMemory.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address);
        return dtype == DType.BF16 ? BFloat16.toFloat(bits) : Float.float16ToFloat(bits);
    }

    private static void set(long address, float value) {
        CpuMemory.ALL.set(JAVA_FLOAT_UNALIGNED, address, value);
    }
}
