package mezzotint.ptx;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import mezzotint.kernel.cuda.CudaException;

/**
 * The machine's global memory: spans far apart from each other, in pages that exist once they are written.
 *
 * <p>A span's number stands in the bits above 2⁴⁰ of its addresses, so a pointer that leaves its span points nowhere.
 * Numbers are not used twice.
 */
final class DeviceMemory {
    static final int SPAN_SHIFT = 40;
    static final int PAGE_SHIFT = 14;
    static final int PAGE = 1 << PAGE_SHIFT;
    private static final int FIRST = 16;
    private static final int MOST = 1 << 22;

    private final long capacity;
    private Span[] spans = new Span[64];
    private int next = FIRST;
    private long used;

    DeviceMemory(long capacity) {
        this.capacity = capacity;
    }

    long allocate(long bytes) {
        if (bytes < 1 || bytes >= 1L << SPAN_SHIFT) {
            throw new CudaException("allocate: expected 1 byte to 1 TiB, got %d".formatted(bytes));
        }
        if (bytes > capacity - used) {
            throw new OutOfMemoryError(
                    "device memory: %d bytes wanted, %d of %d free".formatted(bytes, capacity - used, capacity));
        }
        if (next == MOST) {
            throw new CudaException(
                    "allocate: %d spans have been used up; close the machine and open another".formatted(MOST));
        }
        if (next == spans.length) {
            spans = Arrays.copyOf(spans, 2 * next);
        }
        spans[next] = new Span((long) next << SPAN_SHIFT, bytes);
        used += bytes;
        return spans[next++].base;
    }

    void free(long address) {
        Span span = find(address);
        if (span == null || span.base != address) {
            throw new CudaException("free: 0x%x is no address of a span in use".formatted(address));
        }
        used -= span.bytes;
        spans[(int) (address >>> SPAN_SHIFT)] = null;
    }

    /** The span that an address lies in, or null. */
    Span find(long address) {
        long number = address >>> SPAN_SHIFT;
        return number < next ? spans[(int) number] : null;
    }

    private Span find(String what, long address, long bytes) {
        Span span = find(address);
        long offset = span == null ? 0 : address - span.base;
        if (span == null || bytes < 0 || bytes > span.bytes - offset) {
            throw new CudaException("%s: %d bytes at 0x%x lie outside of device memory%s"
                    .formatted(what, bytes, address, span == null ? "" : ", whose span has " + span.bytes + " bytes"));
        }
        return span;
    }

    void write(long address, MemorySegment source) {
        Span span = find("write", address, source.byteSize());
        span.eachPage(address - span.base, source.byteSize(), (page, at, done, count) -> {
            MemorySegment.copy(source, done, MemorySegment.ofArray(span.page(page)), at, count);
            span.setValid(page, at, count);
        });
    }

    /** Copies to the host; the offset of the first byte that was never written, or −1. */
    long read(MemorySegment target, long address) {
        Span span = find("read", address, target.byteSize());
        long[] first = {-1};
        span.eachPage(address - span.base, target.byteSize(), (page, at, done, count) -> {
            byte[] data = span.pages[page];
            if (data == null) {
                target.asSlice(done, count).fill((byte) 0);
            } else {
                MemorySegment.copy(MemorySegment.ofArray(data), at, target, done, count);
            }
            int unwritten = first[0] < 0 ? span.firstInvalid(page, at, count) : -1;
            if (unwritten >= 0) {
                first[0] = done + unwritten - at;
            }
        });
        return first[0];
    }

    void fill(long address, long bytes, byte value) {
        Span span = find("fill", address, bytes);
        span.eachPage(address - span.base, bytes, (page, at, _, count) -> {
            Arrays.fill(span.page(page), at, at + count, value);
            span.setValid(page, at, count);
        });
    }

    /** Copies bytes, and with them whether they have been written. */
    void copy(long target, long source, long bytes) {
        Span to = find("copy", target, bytes);
        Span from = find("copy", source, bytes);
        byte[] chunk = new byte[PAGE];
        for (long done = 0; done < bytes; ) {
            long offset = source - from.base + done;
            int page = (int) (offset >>> PAGE_SHIFT);
            int at = (int) offset & PAGE - 1;
            int count = (int) Math.min(PAGE - at, bytes - done);
            byte[] data = from.pages[page];
            if (data == null) {
                Arrays.fill(chunk, 0, count, (byte) 0);
            } else {
                System.arraycopy(data, at, chunk, 0, count);
            }
            long begin = target - to.base + done;
            to.eachPage(begin, count, (p, a, d, n) -> {
                System.arraycopy(chunk, (int) d, to.page(p), a, n);
                to.copyValid(p, a, from, page, at + (int) d, n);
            });
            done += count;
        }
    }

    void undefine(long address, long bytes) {
        Span span = find("undefine", address, bytes);
        span.eachPage(address - span.base, bytes, (page, at, _, count) -> span.setInvalid(page, at, count));
    }
}
