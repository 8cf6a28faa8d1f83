package mezzotint.kernel.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mezzotint.tensor.Tensor;

/**
 * The arguments of one launch at a time, in off-heap memory that is reserved once.
 *
 * <p>Argument i lies at byte 8·i of {@link #values}, little-endian, in its own width; pointer i of {@link #pointers} points
 * at it, which is the form that CUDA's driver wants.
 */
public final class LaunchArguments implements AutoCloseable {
    private static final int MOST = 48;
    private static final int SLOT = 8;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment values = arena.allocate((long) MOST * SLOT, SLOT);
    private final MemorySegment pointers = arena.allocate((long) MOST * SLOT, SLOT);
    private final int[] widths = new int[MOST];
    private int count;

    /** Room for 48 arguments. */
    public LaunchArguments() {
        for (int i = 0; i < MOST; i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, values.asSlice((long) i * SLOT, SLOT));
        }
    }

    /** Forgets the last launch's arguments. */
    public LaunchArguments begin() {
        count = 0;
        return this;
    }

    /** The next argument: the address of a tensor, or 0 for null. */
    public LaunchArguments tensor(Tensor tensor) {
        return wide(tensor == null ? 0 : tensor.address());
    }

    /** The next argument: a 64-bit integer or a device address. */
    public LaunchArguments wide(long value) {
        return put(value, 8);
    }

    /** The next argument: a 32-bit integer. The rest of its eight bytes is zero, so that equal launches have equal bytes. */
    public LaunchArguments integer(int value) {
        return put(Integer.toUnsignedLong(value), 4);
    }

    /** The next argument: a float32. */
    public LaunchArguments real(float value) {
        return integer(Float.floatToRawIntBits(value));
    }

    /** The next argument: a float64. */
    public LaunchArguments real64(double value) {
        return put(Double.doubleToRawLongBits(value), 8);
    }

    private LaunchArguments put(long bits, int width) {
        if (count == MOST) {
            throw new CudaException("launch: a kernel takes at most %d arguments here".formatted(MOST));
        }
        values.set(ValueLayout.JAVA_LONG, (long) SLOT * count, bits);
        widths[count++] = width;
        return this;
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** Bytes of argument {@code i}. */
    public int width(int i) {
        return widths[i];
    }

    /** The arguments, one in every eight bytes. */
    public MemorySegment values() {
        return values;
    }

    /** Their addresses. */
    public MemorySegment pointers() {
        return pointers;
    }

    @Override
    public void close() {
        arena.close();
    }
}
