package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;

/** {@link CpuPooling.Maxima} in an ordinary loop. */
final class PlainMaxima implements CpuPooling.Maxima {
    @Override
    public void take(long y, long index, long x, int place, int d, boolean first) {
        take(y, index, x, place, 0, d, first);
    }

    static void take(long y, long index, long x, int place, int from, int d, boolean first) {
        for (int c = from; c < d; c++) {
            float value = Floats.get(x, c);
            float best = Floats.get(y, c);
            if (first || value > best || (Float.isNaN(value) && !Float.isNaN(best))) {
                Floats.set(y, c, value);
                CpuMemory.ALL.set(ValueLayout.JAVA_INT_UNALIGNED, index + 4L * c, place);
            }
        }
    }
}
