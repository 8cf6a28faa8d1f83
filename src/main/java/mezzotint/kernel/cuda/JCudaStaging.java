package mezzotint.kernel.cuda;

import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemHostAlloc;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;

/**
 * Copies between host and GPU through two pinned buffers by turns: while the GPU copies one, the host fills or empties the
 * other.
 *
 * <p>Any host segment will do, on the heap or off it, and a write returns as soon as its source has been read.
 */
final class JCudaStaging {
    private static final int SLOT_BYTES = 4 << 20;

    private final JCudaDriver driver;
    private final Slot[] slots;
    private int next;

    /** One pinned buffer. */
    private static final class Slot {
        private final Pointer pointer = new Pointer();
        private final MemorySegment memory;
        private final JCudaEvent copied;
        private boolean busy;

        Slot(JCudaDriver driver) {
            driver.faults().check(cuMemHostAlloc(pointer, SLOT_BYTES, 0), "pinned host memory of %d bytes", SLOT_BYTES);
            memory = MemorySegment.ofBuffer(pointer.getByteBuffer(0, SLOT_BYTES));
            copied = driver.newEvent();
        }

        void await() {
            if (busy) {
                copied.synchronize();
                busy = false;
            }
        }

        void started(JCudaStream stream) {
            stream.record(copied);
            busy = true;
        }
    }

    JCudaStaging(JCudaDriver driver) {
        this.driver = driver;
        this.slots = new Slot[] {new Slot(driver), new Slot(driver)};
    }

    /** Copies a host segment to device memory in the stream's order; the segment is free on return. */
    void write(JCudaStream stream, long address, MemorySegment source) {
        for (long at = 0; at < source.byteSize(); at += SLOT_BYTES) {
            long bytes = Math.min(SLOT_BYTES, source.byteSize() - at);
            Slot slot = turn();
            MemorySegment.copy(source, at, slot.memory, 0, bytes);
            driver.faults()
                    .check(
                            cuMemcpyHtoDAsync(new DevicePointer(address + at), slot.pointer, bytes, stream),
                            "copy of %d bytes to the GPU",
                            bytes);
            slot.started(stream);
        }
    }

    /** Fills a host segment from device memory. */
    void read(JCudaStream stream, MemorySegment target, long address) {
        Slot pending = null;
        long pendingAt = 0;
        for (long at = 0; at < target.byteSize(); at += SLOT_BYTES) {
            Slot slot = turn();
            long bytes = Math.min(SLOT_BYTES, target.byteSize() - at);
            driver.faults()
                    .check(
                            cuMemcpyDtoHAsync(slot.pointer, new DevicePointer(address + at), bytes, stream),
                            "copy of %d bytes from the GPU",
                            bytes);
            slot.started(stream);
            if (pending != null) {
                empty(pending, target, pendingAt);
            }
            pending = slot;
            pendingAt = at;
        }
        if (pending != null) {
            empty(pending, target, pendingAt);
        }
    }

    private static void empty(Slot slot, MemorySegment target, long at) {
        slot.await();
        MemorySegment.copy(slot.memory, 0, target, at, Math.min(SLOT_BYTES, target.byteSize() - at));
    }

    /** The other buffer, once its copy has ended. */
    private Slot turn() {
        Slot slot = slots[next];
        next = 1 - next;
        slot.await();
        return slot;
    }

    void close() {
        for (Slot slot : slots) {
            slot.copied.close();
            driver.faults().check(cuMemFreeHost(slot.pointer), "freeing pinned host memory");
        }
    }
}
