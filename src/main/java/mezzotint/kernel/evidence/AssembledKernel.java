package mezzotint.kernel.evidence;

/**
 * What the assembler made of one kernel for one architecture.
 *
 * @param name its entry
 * @param registers of a thread
 * @param stackBytes of a thread: local memory, 0 for a kernel that keeps all in registers
 * @param spillStoreBytes bytes of registers that a thread writes to local memory for want of room
 * @param spillLoadBytes bytes that it reads back
 * @param sharedBytes static shared memory of a block
 * @param code its instructions, counted
 */
public record AssembledKernel(
        String name,
        int registers,
        int stackBytes,
        int spillStoreBytes,
        int spillLoadBytes,
        int sharedBytes,
        SassCounts code) {

    /** Whether it needs no local memory at all. */
    public boolean keepsAllInRegisters() {
        return stackBytes == 0 && spillStoreBytes == 0 && spillLoadBytes == 0;
    }
}
