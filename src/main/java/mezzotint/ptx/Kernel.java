package mezzotint.ptx;

import java.util.List;
import mezzotint.kernel.cuda.CudaFunction;

/**
 * A decoded entry, ready to run.
 *
 * @param parameterOffsets byte of each parameter in the parameter block
 * @param registers how many registers of each kind a warp needs, and which of them hold constants
 * @param sharedBytes bytes of the static shared variables
 * @param dynamicOffset where the dynamic shared memory begins
 * @param localBytes bytes of a thread's own memory
 * @param atomics whether it has atomic operations, whose order decides the bits of its result
 */
record Kernel(
        PtxProgram program,
        Routine routine,
        Instruction[] code,
        int[] parameterOffsets,
        int parameterBytes,
        RegisterLayout registers,
        int sharedBytes,
        int dynamicOffset,
        int localBytes,
        boolean atomics)
        implements CudaFunction {

    @Override
    public String name() {
        return routine.name;
    }

    List<Variable> parameters() {
        return routine.parameters;
    }

    @Override
    public String toString() {
        return "kernel " + name();
    }
}
