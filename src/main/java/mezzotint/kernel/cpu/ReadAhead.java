package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;

/** Reads memory in its own order before a kernel meets it in another: Java has no instruction that only asks for it. */
final class ReadAhead {
    private static final int LINE = 64;

    private ReadAhead() {}

    /**
     * Reads one number of each line of {@code count} rows.
     *
     * @param bytes length of a row, a multiple of 4
     * @return something of all that was read: a caller that keeps it keeps the compiler from leaving out the reads
     */
    static int rows(long address, long rowBytes, long bytes, int count) {
        int lines = Math.toIntExact((bytes + LINE - 1) / LINE);
        int read = 0;
        for (int row = 0; row < count; row++) {
            CpuMemory.check(address, bytes);
            for (int line = 0; line < lines; line++) {
                read |= CpuMemory.ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address + (long) LINE * line);
            }
            address += rowBytes;
        }
        return read;
    }
}
