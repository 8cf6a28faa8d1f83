package mezzotint.kernel.cpu;

/** {@link ChannelLoops} in ordinary loops. */
final class PlainChannels implements ChannelLoops {
    @Override
    public void scaleShift(long y, long x, long scale, long shift, int rows, int d) {
        for (int row = 0; row < rows; row++) {
            scaleShiftRow(y + 4L * row * d, x + 4L * row * d, scale, shift, 0, d);
        }
    }

    static void scaleShiftRow(long y, long x, long scale, long shift, int from, int d) {
        for (int i = from; i < d; i++) {
            float scaled = scale == 0 ? Floats.get(x, i) : Floats.get(x, i) * Floats.get(scale, i);
            Floats.set(y, i, shift == 0 ? scaled : scaled + Floats.get(shift, i));
        }
    }

    @Override
    public void addCombination(long y, long a, long b, long factors, int rows, int d) {
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            addCombinationRow(y + skip, a + skip, b + skip, factors, 0, d);
        }
    }

    static void addCombinationRow(long y, long a, long b, long factors, int from, int d) {
        for (int i = from; i < d; i++) {
            float along = Floats.get(factors, d + i) * Floats.get(b, i) + Floats.get(factors, 2L * d + i);
            Floats.add(y, i, Floats.get(factors, i) * Floats.get(a, i) + along);
        }
    }

    @Override
    public void sums(long sums, long a, long b, int rows, int d) {
        sums(sums, a, b, rows, 0, d);
    }

    static void sums(long sums, long a, long b, int rows, int from, int d) {
        for (int i = from; i < d; i++) {
            double sum = 0;
            double products = 0;
            for (int row = 0; row < rows; row++) {
                double value = Floats.get(a, (long) row * d + i);
                sum += value;
                products += value * Floats.get(b, (long) row * d + i);
            }
            Floats.setDouble(sums, i, sum);
            Floats.setDouble(sums, (long) d + i, products);
        }
    }
}
