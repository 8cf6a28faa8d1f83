package mezzotint.kernel.evidence;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.LongFunction;
import mezzotint.tensor.DType;
import mezzotint.tensor.Memory;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** A tensor in memory of its own, between bytes that nothing may change. */
final class PlacedTensor implements AutoCloseable {
    private static final byte PATTERN = (byte) 0xA5;

    private final String name;
    private final Memory memory;
    private final Tensor tensor;
    private final int guard;
    private final int start;
    private final int end;

    /**
     * @param allocate a span of the device's memory of so many bytes
     * @param guard bytes around it, a multiple of 64; 0 for none
     * @param misaligned whether it begins one element after where it would
     */
    PlacedTensor(String name, Shape shape, DType dtype, LongFunction<Memory> allocate, int guard, boolean misaligned) {
        this.name = name;
        this.guard = guard;
        start = guard + (misaligned ? dtype.bytes() : 0);
        end = Math.toIntExact(start + shape.elements() * dtype.bytes());
        memory = allocate.apply(Math.max(1, end + guard));
        if (guard > 0) {
            byte[] pattern = new byte[Math.toIntExact(memory.byteSize())];
            Arrays.fill(pattern, PATTERN);
            memory.write(0, MemorySegment.ofArray(pattern));
        }
        tensor = new Tensor(memory, start, shape, dtype);
    }

    String name() {
        return name;
    }

    Tensor tensor() {
        return tensor;
    }

    /** Sets all elements, each converted to the tensor's type. */
    PlacedTensor set(float[] values) {
        switch (tensor.dtype()) {
            case F32, BF16 -> tensor.set(values);
            case F64 -> {
                double[] wide = new double[values.length];
                Arrays.setAll(wide, i -> values[i]);
                tensor.write(MemorySegment.ofArray(wide));
            }
            case I32 -> {
                int[] whole = new int[values.length];
                Arrays.setAll(whole, i -> (int) values[i]);
                tensor.set(whole);
            }
            default -> {
                byte[] bytes = new byte[values.length];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) values[i];
                }
                tensor.write(MemorySegment.ofArray(bytes));
            }
        }
        return this;
    }

    /** All elements. */
    double[] values() {
        double[] values = new double[Math.toIntExact(tensor.shape().elements())];
        switch (tensor.dtype()) {
            case F32, BF16 -> {
                float[] narrow = tensor.toFloats();
                Arrays.setAll(values, i -> narrow[i]);
            }
            case F64 -> tensor.read(MemorySegment.ofArray(values));
            case I32 -> {
                MemorySegment bytes = bytes();
                Arrays.setAll(values, i -> bytes.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i));
            }
            default -> {
                MemorySegment bytes = bytes();
                Arrays.setAll(values, i -> bytes.get(ValueLayout.JAVA_BYTE, i));
            }
        }
        return values;
    }

    private MemorySegment bytes() {
        MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(tensor.byteSize())]);
        tensor.read(bytes);
        return bytes;
    }

    /** Whether a byte around the tensor has changed; always false without a guard. */
    boolean wasTouchedAround() {
        byte[] bytes = new byte[guard == 0 ? 0 : Math.toIntExact(memory.byteSize())];
        memory.read(0, MemorySegment.ofArray(bytes));
        for (int i = 0; i < bytes.length; i++) {
            if ((i < start || i >= end) && bytes[i] != PATTERN) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        memory.close();
    }
}
