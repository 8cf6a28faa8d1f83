package mezzotint.kernel.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/** {@link ChannelLoops} in vectors; what does not fill one goes through {@link PlainChannels}. */
final class VectorChannels implements ChannelLoops {
    private static final int W = Lanes.COUNT;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();

    @Override
    public void scaleShift(long y, long x, long scale, long shift, int rows, int d) {
        int whole = Lanes.whole(d);
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            scaleShift(y + skip, x + skip, scale, shift, whole);
            PlainChannels.scaleShiftRow(y + skip, x + skip, scale, shift, whole, d);
        }
    }

    private static void scaleShift(long y, long x, long scale, long shift, int whole) {
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            if (scale != 0) {
                v = v.mul(Lanes.load(scale, i));
            }
            if (shift != 0) {
                v = v.add(Lanes.load(shift, i));
            }
            Lanes.store(v, y, i);
        }
    }

    @Override
    public void normalise(long y, long x, long factors, int rows, int d) {
        int whole = Lanes.whole(d);
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            for (int i = 0; i < whole; i += W) {
                Lanes.store(normalised(x + skip, factors, i, d), y + skip, i);
            }
            PlainChannels.normaliseRow(y + skip, x + skip, factors, whole, d);
        }
    }

    private static FloatVector normalised(long x, long factors, int i, int d) {
        FloatVector centred = Lanes.load(x, i).sub(Lanes.load(factors, i));
        return centred.fma(Lanes.load(factors, d + i), Lanes.load(factors, 2 * d + i));
    }

    @Override
    public void addGradient(long y, long a, long x, long factors, int rows, int d) {
        int whole = Lanes.whole(d);
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            for (int i = 0; i < whole; i += W) {
                FloatVector sum = Lanes.load(y + skip, i).add(normalised(x + skip, factors, i, d));
                Lanes.store(Lanes.load(a + skip, i).fma(Lanes.load(factors, 3 * d + i), sum), y + skip, i);
            }
            PlainChannels.addGradientRow(y + skip, a + skip, x + skip, factors, whole, d);
        }
    }

    @Override
    public void sums(long sums, long a, long b, int rows, int d) {
        int whole = Lanes.whole(d);
        for (int i = 0; i < whole; i += W) {
            sumVector(sums, a + 4L * i, b + 4L * i, rows, i, d);
        }
        PlainChannels.sumChannels(sums, a, b, rows, whole, d);
    }

    private static void sumVector(long sums, long a, long b, int rows, int channel, int d) {
        DoubleVector sum0 = DoubleVector.zero(Lanes.DOUBLES);
        DoubleVector sum1 = sum0;
        DoubleVector products0 = sum0;
        DoubleVector products1 = sum0;
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            FloatVector left = Lanes.load(a + skip, 0);
            FloatVector right = Lanes.load(b + skip, 0);
            DoubleVector left0 = Lanes.widen(left, 0);
            DoubleVector left1 = Lanes.widen(left, 1);
            sum0 = sum0.add(left0);
            sum1 = sum1.add(left1);
            products0 = left0.fma(Lanes.widen(right, 0), products0);
            products1 = left1.fma(Lanes.widen(right, 1), products1);
        }
        store(sum0, sums, channel);
        store(sum1, sums, channel + W / 2);
        store(products0, sums, d + channel);
        store(products1, sums, d + channel + W / 2);
    }

    private static void store(DoubleVector vector, long address, int i) {
        vector.intoMemorySegment(CpuMemory.ALL, address + 8L * i, ORDER);
    }
}
