package mezzotint.ptx;

/** What one instruction does to the registers and the memory of a warp. */
@FunctionalInterface
interface Step {

    /** @param mask the lanes that take part, at least one */
    void run(Warp warp, int mask);
}
