package mezzotint.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A dense, row-major block of numbers in device memory.
 *
 * <p>A tensor has an identity: gradients are kept by it. Views ({@link #view}, {@link #rows}) share the memory of their
 * {@link #root} and, with it, the gradient.
 */
public final class Tensor {
    private final Memory memory;
    private final long offset;
    private final Shape shape;
    private final DType dtype;
    private final Tensor root;

    /** A tensor over {@code memory} from {@code offset} bytes on; most callers want {@link TensorArena#allocate}. */
    public Tensor(Memory memory, long offset, Shape shape, DType dtype) {
        long bytes = shape.elements() * dtype.bytes();
        if (offset < 0 || bytes > memory.byteSize() - offset) {
            throw new ShapeMismatchException(
                    "tensor %s of %s at byte %d does not fit memory of %d bytes",
                    shape, dtype, offset, memory.byteSize());
        }
        this.memory = memory;
        this.offset = offset;
        this.shape = shape;
        this.dtype = dtype;
        this.root = this;
    }

    private Tensor(Tensor root, long offset, Shape shape) {
        this.memory = root.memory;
        this.offset = offset;
        this.shape = shape;
        this.dtype = root.dtype;
        this.root = root;
    }

    /** Extents, slowest axis first. */
    public Shape shape() {
        return shape;
    }

    /** Element type. */
    public DType dtype() {
        return dtype;
    }

    /** Device address of the first element. */
    public long address() {
        return memory.address() + offset;
    }

    /** Size in bytes. */
    public long byteSize() {
        return shape.elements() * dtype.bytes();
    }

    /** The tensor this one is a view of, or itself. */
    public Tensor root() {
        return root;
    }

    /** Position of the first element within {@link #root}, in elements. */
    public long rootOffset() {
        return (offset - root.offset) / dtype.bytes();
    }

    /** The same elements under another shape. */
    public Tensor view(long... dims) {
        Shape wanted = Shape.of(dims);
        if (wanted.elements() != shape.elements()) {
            throw new ShapeMismatchException(
                    "view: tensor %s has %d elements, %s wants %d", shape, shape.elements(), wanted, wanted.elements());
        }
        return new Tensor(root, offset, wanted);
    }

    /** Entries {@code from} (inclusive) to {@code to} (exclusive) along the first axis, without a copy. */
    public Tensor rows(long from, long to) {
        if (shape.rank() == 0 || from < 0 || to < from || to > shape.dim(0)) {
            throw new ShapeMismatchException("rows: [%d, %d) of a tensor %s", from, to, shape);
        }
        long[] dims = shape.dims();
        long stride = dims[0] == 0 ? 0 : shape.elements() / dims[0];
        dims[0] = to - from;
        return new Tensor(root, offset + from * stride * dtype.bytes(), Shape.of(dims));
    }

    /** A part of {@code other}'s memory that lies where this view lies within its own root. */
    public Tensor sameViewOf(Tensor other) {
        return new Tensor(other, other.offset + rootOffset() * other.dtype.bytes(), shape);
    }

    /** Sets every byte to zero. */
    public void zero() {
        memory.fill(offset, byteSize(), (byte) 0);
    }

    /** Copies the bytes of {@code source}, a host segment of exactly {@link #byteSize} bytes. */
    public Tensor write(MemorySegment source) {
        if (source.byteSize() != byteSize()) {
            throw new ShapeMismatchException(
                    "write: tensor %s of %s has %d bytes, got %d", shape, dtype, byteSize(), source.byteSize());
        }
        memory.write(offset, source);
        return this;
    }

    /** Fills {@code target}, a host segment of exactly {@link #byteSize} bytes. */
    public void read(MemorySegment target) {
        if (target.byteSize() != byteSize()) {
            throw new ShapeMismatchException(
                    "read: tensor %s of %s has %d bytes, got room for %d", shape, dtype, byteSize(), target.byteSize());
        }
        memory.read(offset, target);
    }

    /** Copies all elements of {@code source}, of the same shape and type and on the same device. */
    public Tensor copyFrom(Tensor source) {
        if (!source.shape.equals(shape) || source.dtype != dtype) {
            throw new ShapeMismatchException(
                    "copyFrom: tensor %s of %s, got %s of %s", shape, dtype, source.shape, source.dtype);
        }
        source.memory.copyTo(source.offset, memory, offset, byteSize());
        return this;
    }

    /**
     * Sets all elements of a floating-point tensor, rounding to nearest even where it is narrower than float32.
     *
     * @throws ShapeMismatchException when the count differs
     */
    public Tensor set(float... values) {
        requireCount(values.length);
        switch (dtype) {
            case F32 -> write(MemorySegment.ofArray(values));
            case BF16 -> {
                short[] bits = new short[values.length];
                for (int i = 0; i < bits.length; i++) {
                    bits[i] = BFloat16.fromFloat(values[i]);
                }
                write(MemorySegment.ofArray(bits));
            }
            default -> throw new ShapeMismatchException("set: floats into a tensor of %s, expected F32 or BF16", dtype);
        }
        return this;
    }

    /** Sets all elements of an I32 tensor. */
    public Tensor set(int... values) {
        requireCount(values.length);
        requireType(DType.I32);
        return write(MemorySegment.ofArray(values));
    }

    /** Sets all elements of a U8 or BOOL tensor: 1 for true, 0 for false. */
    public Tensor set(boolean... values) {
        requireCount(values.length);
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = values[i] ? (byte) 1 : 0;
        }
        return write(MemorySegment.ofArray(bytes));
    }

    /** All elements of an F32, BF16 or F16 tensor, widened exactly. */
    public float[] toFloats() {
        int count = Math.toIntExact(shape.elements());
        float[] values = new float[count];
        switch (dtype) {
            case F32 -> memory.read(offset, MemorySegment.ofArray(values));
            case BF16 -> {
                short[] bits = new short[count];
                memory.read(offset, MemorySegment.ofArray(bits));
                for (int i = 0; i < count; i++) {
                    values[i] = BFloat16.toFloat(bits[i]);
                }
            }
            case F16 -> {
                short[] bits = new short[count];
                memory.read(offset, MemorySegment.ofArray(bits));
                for (int i = 0; i < count; i++) {
                    values[i] = Float.float16ToFloat(bits[i]);
                }
            }
            default -> throw new ShapeMismatchException("toFloats: tensor of %s, expected F32, BF16 or F16", dtype);
        }
        return values;
    }

    /** The only element of a one-element F32 tensor. */
    public float item() {
        requireCount(1);
        requireType(DType.F32);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT);
            memory.read(offset, host);
            return host.get(ValueLayout.JAVA_FLOAT, 0);
        }
    }

    private void requireCount(long count) {
        if (count != shape.elements()) {
            throw new ShapeMismatchException("tensor %s has %d elements, got %d", shape, shape.elements(), count);
        }
    }

    private void requireType(DType wanted) {
        if (dtype != wanted) {
            throw new ShapeMismatchException("tensor %s is of %s, expected %s", shape, dtype, wanted);
        }
    }

    @Override
    public String toString() {
        return "Tensor" + shape + " " + dtype;
    }
}
