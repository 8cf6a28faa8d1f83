package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;

/** Single numbers by address. */
final class Floats {
    private Floats() {}

    /** Element {@code i} of the floats from {@code address} on. */
    static float get(long address, long i) {
        return CpuMemory.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address + 4 * i);
    }

    /** Sets element {@code i} of the floats from {@code address} on. */
    static void set(long address, long i, float value) {
        CpuMemory.ALL.set(ValueLayout.JAVA_FLOAT_UNALIGNED, address + 4 * i, value);
    }

    /** Adds to element {@code i} of the floats from {@code address} on. */
    static void add(long address, long i, float value) {
        set(address, i, get(address, i) + value);
    }

    /** As above; the first to add overwrites what lies there. */
    static void add(long address, long i, float value, boolean first) {
        set(address, i, (first ? 0 : get(address, i)) + value);
    }

    /** Element {@code i} of the doubles from {@code address} on. */
    static double getDouble(long address, long i) {
        return CpuMemory.ALL.get(ValueLayout.JAVA_DOUBLE_UNALIGNED, address + 8 * i);
    }

    /** Sets element {@code i} of the doubles from {@code address} on. */
    static void setDouble(long address, long i, double value) {
        CpuMemory.ALL.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, address + 8 * i, value);
    }

    /** Element {@code i} of the ints from {@code address} on. */
    static int getInt(long address, long i) {
        return CpuMemory.ALL.get(ValueLayout.JAVA_INT_UNALIGNED, address + 4 * i);
    }
}
