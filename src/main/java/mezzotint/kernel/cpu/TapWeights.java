package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;

/**
 * The weights of a {@link Correlation} as they lie in a checkpoint's (O, C, kh, kw), F32 or BF16.
 *
 * @param address of the weight of tap (0, 0), channel 0, result 0
 * @param result elements from a result to the next; channel, row and column (of taps) likewise, negative where they run back
 * @param channels how many there are
 */
record TapWeights(long address, DType dtype, long result, long channel, long row, long column, int channels) {

    /** One weight, widened. */
    float get(int u, int v, int c, int o) {
        long element = u * row + v * column + c * channel + o * result;
        return dtype == DType.F32
                ? CpuMemory.ALL.get(ValueLayout.JAVA_FLOAT_UNALIGNED, address + 4 * element)
                : BFloat16.toFloat(CpuMemory.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, address + 2 * element));
    }

    /** Copies the weights of a tap and a result, one a channel, to every {@code step}-th float from {@code to} on. */
    void copyChannels(int u, int v, int o, long to, int step) {
        if (dtype != DType.F32) {
            for (int c = 0; c < channels; c++) {
                Floats.set(to, (long) c * step, get(u, v, c, o));
            }
            return;
        }
        long from = address + 4 * (u * row + v * column + o * result);
        for (int c = 0; c < channels; c++) {
            Floats.set(to, (long) c * step, Floats.get(from, c * channel));
        }
    }
}
