package mezzotint.ptx;

import mezzotint.kernel.cuda.LaunchGrid;

/**
 * One launch.
 *
 * @param parameters the parameter block
 * @param firstSerial serial number of its first block: those of earlier launches are smaller
 */
record Launch(Kernel kernel, LaunchGrid grid, byte[] parameters, long firstSerial) {

    int sharedBytes() {
        return grid.sharedBytes() > 0 ? kernel.dynamicOffset() + grid.sharedBytes() : kernel.sharedBytes();
    }

    long serial(long block) {
        return firstSerial + block;
    }

    /** Stamps below it are older than the launch. */
    long floor() {
        return firstSerial << Stamp.SERIAL_SHIFT;
    }
}
