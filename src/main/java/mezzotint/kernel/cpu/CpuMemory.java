package mezzotint.kernel.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import mezzotint.tensor.Memory;

/**
 * Off-heap memory, aligned to 2 MiB where it is that large, read by address through {@link #ALL}.
 *
 * <p>Raw access has no bounds. With {@code -Dmezzotint.checkAccess=true} every row or tile a kernel is about to touch is
 * looked up among the living memories by {@link #check} and a stray one throws.
 */
public final class CpuMemory implements Memory {
    /** The whole address space; a constant, so that compiled loops pay neither bounds nor liveness checks. */
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** Whether {@link #check} looks; constant per process, so that it costs nothing when off. */
    static final boolean CHECKED = Boolean.getBoolean("mezzotint.checkAccess");

    private static final ConcurrentSkipListMap<Long, Long> LIVING = new ConcurrentSkipListMap<>();
    private static final long HUGE_PAGE = 2L << 20;
    private static final int MADV_HUGEPAGE = 14;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment segment;

    private CpuMemory(long bytes) {
        segment = reserve(arena, bytes);
        if (CHECKED) {
            LIVING.put(segment.address(), bytes);
        }
    }

    /**
     * Reserves {@code bytes} bytes; pages are taken from the system when they are first touched.
     *
     * @throws IllegalArgumentException when {@code bytes} is not positive
     * @throws OutOfMemoryError when the system refuses
     */
    public static CpuMemory allocate(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("memory: expected a positive number of bytes, got " + bytes);
        }
        return new CpuMemory(bytes);
    }

    /**
     * The C library's own allocation: {@code Arena.allocate} clears, and so touches, every page of an arena that is sized for
     * the worst case.
     */
    private static MemorySegment reserve(Arena arena, long bytes) {
        Linker linker = Linker.nativeLinker();
        var lookup = linker.defaultLookup();
        var allocate = lookup.find("aligned_alloc");
        var free = lookup.find("free");
        if (allocate.isEmpty() || free.isEmpty()) {
            return arena.allocate(bytes, 64);
        }
        long alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : 64;
        long padded = (bytes + alignment - 1) / alignment * alignment;
        MethodHandle alignedAlloc = linker.downcallHandle(
                allocate.get(),
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));
        MethodHandle release = linker.downcallHandle(free.get(), FunctionDescriptor.ofVoid(ValueLayout.ADDRESS));
        MemorySegment raw;
        try {
            raw = (MemorySegment) alignedAlloc.invokeExact(alignment, padded);
        } catch (Throwable e) {
            throw new IllegalStateException("aligned_alloc of " + padded + " bytes failed", e);
        }
        if (raw.address() == 0) {
            throw new OutOfMemoryError("no %,d bytes of memory for an arena; ask for less".formatted(bytes));
        }
        adviseHugePages(linker, raw, padded);
        return raw.reinterpret(bytes, arena, segment -> {
            try {
                release.invokeExact(MemorySegment.ofAddress(segment.address()));
            } catch (Throwable e) {
                throw new IllegalStateException("free failed", e);
            }
        });
    }

    /** A request, not a need: a system without it works the same, only slower. */
    private static void adviseHugePages(Linker linker, MemorySegment raw, long bytes) {
        var madvise = linker.defaultLookup().find("madvise");
        if (bytes < HUGE_PAGE || madvise.isEmpty()) {
            return;
        }
        MethodHandle handle = linker.downcallHandle(
                madvise.get(),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
        try {
            int ignored = (int) handle.invokeExact(raw, bytes, MADV_HUGEPAGE);
        } catch (Throwable e) {
            throw new IllegalStateException("madvise failed", e);
        }
    }

    /** Tells {@link #check} of bytes that kernels may touch though no memory of ours holds them; they are never forgotten. */
    static void living(long address, long bytes) {
        if (CHECKED) {
            LIVING.merge(address, bytes, Math::max); // two small tensors of a file can begin in one line
        }
    }

    /**
     * Does nothing, or with {@link #CHECKED} makes sure that the bytes lie within one living memory.
     *
     * @throws IndexOutOfBoundsException when they do not
     */
    static void check(long address, long bytes) {
        if (CHECKED) {
            Map.Entry<Long, Long> entry = LIVING.floorEntry(address);
            if (entry == null || address + bytes > entry.getKey() + entry.getValue()) {
                throw new IndexOutOfBoundsException(
                        "%d bytes at address %#x are outside every living memory".formatted(bytes, address));
            }
        }
    }

    @Override
    public long address() {
        return segment.address();
    }

    @Override
    public long byteSize() {
        return segment.byteSize();
    }

    @Override
    public void write(long offset, MemorySegment source) {
        MemorySegment.copy(source, 0, segment, offset, source.byteSize());
    }

    @Override
    public void read(long offset, MemorySegment target) {
        MemorySegment.copy(segment, offset, target, 0, target.byteSize());
    }

    @Override
    public void fill(long offset, long bytes, byte value) {
        segment.asSlice(offset, bytes).fill(value);
    }

    @Override
    public void copyTo(long offset, Memory target, long targetOffset, long bytes) {
        MemorySegment.copy(segment, offset, ((CpuMemory) target).segment, targetOffset, bytes);
    }

    @Override
    public void close() {
        if (CHECKED) {
            LIVING.remove(segment.address());
        }
        arena.close();
    }
}
