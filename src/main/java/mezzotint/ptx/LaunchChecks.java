package mezzotint.ptx;

import java.lang.foreign.MemorySegment;
import java.util.List;
import mezzotint.kernel.cuda.CudaException;
import mezzotint.kernel.cuda.CudaLimits;
import mezzotint.kernel.cuda.LaunchArguments;
import mezzotint.kernel.cuda.LaunchGrid;

/** What can be wrong with a launch before it runs. */
final class LaunchChecks {
    private static final long MOST_BLOCKS = Stamp.MOST_SERIALS - 2;
    private static final int SLOT = 8;

    private LaunchChecks() {}

    /** The parameter block of a kernel, from the arguments. */
    static byte[] parameters(Kernel kernel, LaunchArguments arguments) {
        List<Variable> parameters = kernel.parameters();
        if (arguments.count() != parameters.size()) {
            throw new CudaException("launch %s: the kernel takes %d arguments, got %d"
                    .formatted(kernel.name(), parameters.size(), arguments.count()));
        }
        // Loads of whole words must stay inside.
        byte[] block = new byte[kernel.parameterBytes() + 16];
        for (int i = 0; i < parameters.size(); i++) {
            long bytes = parameters.get(i).bytes();
            if (bytes > SLOT) {
                throw new CudaException("launch %s: parameter %d has %d bytes; only scalars and addresses can be passed"
                        .formatted(kernel.name(), i, bytes));
            }
            if (bytes != arguments.width(i)) {
                throw new CudaException(
                        "launch %s: argument %d wants %d bytes, got %d; pass addresses and counts as wide, ints as integer"
                                .formatted(kernel.name(), i, bytes, arguments.width(i)));
            }
            MemorySegment.copy(
                    arguments.values(),
                    (long) i * SLOT,
                    MemorySegment.ofArray(block),
                    kernel.parameterOffsets()[i],
                    bytes);
        }
        return block;
    }

    static void check(Kernel kernel, LaunchGrid grid, CudaLimits limits) {
        Routine routine = kernel.routine();
        if (routine.maxThreads > 0 && grid.threads() > routine.maxThreads) {
            throw new CudaException("launch %s: a block has at most %d threads (.maxntid), got %d"
                    .formatted(kernel.name(), routine.maxThreads, grid.threads()));
        }
        if (routine.requiredThreads > 0 && grid.threads() != routine.requiredThreads) {
            throw new CudaException("launch %s: a block has exactly %d threads (.reqntid), got %d"
                    .formatted(kernel.name(), routine.requiredThreads, grid.threads()));
        }
        int shared = kernel.dynamicOffset() + grid.sharedBytes();
        if (shared > limits.sharedBytesPerBlock()) {
            throw new CudaException(
                    "launch %s: a block has at most %d bytes of shared memory, got %d (%d of them dynamic)"
                            .formatted(kernel.name(), limits.sharedBytesPerBlock(), shared, grid.sharedBytes()));
        }
        if (grid.blocks() > MOST_BLOCKS) {
            throw new CudaException(
                    "launch %s: the machine runs at most %d blocks a launch, got %d; make the grid smaller"
                            .formatted(kernel.name(), MOST_BLOCKS, grid.blocks()));
        }
    }
}
