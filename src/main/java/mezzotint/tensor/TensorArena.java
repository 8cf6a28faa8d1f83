package mezzotint.tensor;

/**
 * A bump allocator over one span of device memory: a tensor is an offset, and a whole lifetime ends by resetting it.
 *
 * <p>Not safe for use by several threads. The same sequence of shapes after the same mark gives the same addresses.
 */
public final class TensorArena implements AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final Memory memory;
    private long used;
    private long peak;

    /** An empty arena that owns {@code memory} and closes it. */
    public TensorArena(Memory memory) {
        this.memory = memory;
    }

    /**
     * A tensor with undefined contents, aligned to 64 bytes.
     *
     * @throws ArenaExhaustedException when it does not fit; the arena is unchanged
     */
    public Tensor allocate(Shape shape, DType dtype) {
        long bytes = shape.elements() * dtype.bytes();
        long padded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (padded > memory.byteSize() - used) {
            throw new ArenaExhaustedException(shape, dtype, padded, used, memory.byteSize());
        }
        Tensor tensor = new Tensor(memory, used, shape, dtype);
        memory.undefine(used, padded);
        used += padded;
        peak = Math.max(peak, used);
        return tensor;
    }

    /** A float32 tensor with undefined contents; see {@link #allocate(Shape, DType)}. */
    public Tensor allocate(long... dims) {
        return allocate(Shape.of(dims), DType.F32);
    }

    /** A tensor of zeros; see {@link #allocate(Shape, DType)}. */
    public Tensor zeros(Shape shape, DType dtype) {
        Tensor tensor = allocate(shape, dtype);
        tensor.zero();
        return tensor;
    }

    /** The present fill level, to be handed to {@link #release}. */
    public long mark() {
        return used;
    }

    /** Device address of the first byte that the next tensor after {@code mark} takes. */
    public long addressOf(long mark) {
        return memory.address() + mark;
    }

    /**
     * Frees every tensor allocated since {@code mark} was taken.
     *
     * @throws IllegalArgumentException when the mark lies beyond the fill level, that is, was released before
     */
    public void release(long mark) {
        if (mark < 0 || mark > used) {
            throw new IllegalArgumentException(
                    "release: mark %d is not within the %d bytes in use".formatted(mark, used));
        }
        used = mark;
    }

    /** Bytes in use. */
    public long used() {
        return used;
    }

    /** The most bytes that were ever in use. */
    public long peak() {
        return peak;
    }

    /** Size in bytes. */
    public long capacity() {
        return memory.byteSize();
    }

    /** Frees the memory; every tensor of this arena is dead afterwards. */
    @Override
    public void close() {
        memory.close();
    }
}
