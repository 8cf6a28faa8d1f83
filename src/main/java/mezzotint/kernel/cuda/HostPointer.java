package mezzotint.kernel.cuda;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;

/** JCuda's form of an address of native host memory: no buffer object is asked at every call. */
final class HostPointer extends Pointer {
    /** @param segment native memory that outlives this */
    HostPointer(MemorySegment segment) {
        super(segment.address());
    }
}
