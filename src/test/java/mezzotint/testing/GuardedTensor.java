package mezzotint.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Stream;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** A tensor with guard bytes right before and right after it, which a kernel must not touch. */
public final class GuardedTensor {
    private static final int GUARD = 256;
    private static final byte PATTERN = (byte) 0xA5;

    private final Tensor all;
    private final Tensor tensor;

    GuardedTensor(TensorArena arena, Shape shape, DType dtype) {
        int extra = GUARD / dtype.bytes();
        all = arena.allocate(Shape.of(shape.elements() + 2L * extra), dtype);
        tensor = all.rows(extra, extra + shape.elements()).view(shape.dims());
        byte[] pattern = new byte[Math.toIntExact(all.byteSize())];
        Arrays.fill(pattern, PATTERN);
        all.write(MemorySegment.ofArray(pattern));
    }

    /** The tensor itself. */
    public Tensor tensor() {
        return tensor;
    }

    /** Sets every element of an F32 or BF16 tensor to {@code value}; NaN makes an unwritten element fail. */
    public GuardedTensor fill(float value) {
        float[] values = new float[Math.toIntExact(tensor.shape().elements())];
        Arrays.fill(values, value);
        tensor.set(values);
        return this;
    }

    /** All elements. */
    public float[] values() {
        return tensor.toFloats();
    }

    /** The {@link #tensor} of each; null stays null. */
    static Tensor[] tensors(GuardedTensor[] guarded) {
        return Stream.of(guarded).map(g -> g == null ? null : g.tensor).toArray(Tensor[]::new);
    }

    /** The {@link #values()} of each; null stays null. */
    static float[][] values(GuardedTensor[] guarded) {
        return Stream.of(guarded).map(g -> g == null ? null : g.values()).toArray(float[][]::new);
    }

    /** Fails when a byte around the tensor has changed. */
    public void assertGuards(String what) {
        byte[] bytes = new byte[Math.toIntExact(all.byteSize())];
        all.read(MemorySegment.ofArray(bytes));
        for (int i = 0; i < GUARD; i++) {
            assertEquals(PATTERN, bytes[i], what + ": byte " + (i - GUARD) + " before the tensor was written");
            assertEquals(
                    PATTERN, bytes[bytes.length - GUARD + i], what + ": byte " + i + " after the tensor was written");
        }
    }
}
