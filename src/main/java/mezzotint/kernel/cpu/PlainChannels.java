package mezzotint.kernel.cpu;

/** {@link ChannelLoops} in ordinary loops; the static ones are also the rests of the vector loops. */
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
    public void normalise(long y, long x, long factors, int rows, int d) {
        for (int row = 0; row < rows; row++) {
            normaliseRow(y + 4L * row * d, x + 4L * row * d, factors, 0, d);
        }
    }

    static void normaliseRow(long y, long x, long factors, int from, int d) {
        for (int i = from; i < d; i++) {
            Floats.set(y, i, normalised(x, factors, i, d));
        }
    }

    private static float normalised(long x, long factors, int i, int d) {
        float centred = Floats.get(x, i) - Floats.get(factors, i);
        return Floats.get(factors, (long) d + i) * centred + Floats.get(factors, 2L * d + i);
    }

    @Override
    public void addGradient(long y, long a, long x, long factors, int rows, int d) {
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            addGradientRow(y + skip, a + skip, x + skip, factors, 0, d);
        }
    }

    static void addGradientRow(long y, long a, long x, long factors, int from, int d) {
        for (int i = from; i < d; i++) {
            Floats.add(y, i, normalised(x, factors, i, d) + Floats.get(factors, 3L * d + i) * Floats.get(a, i));
        }
    }

    @Override
    public void sums(long sums, long a, long b, int rows, int d) {
        sumChannels(sums, a, b, rows, 0, d);
    }

    static void sumChannels(long sums, long a, long b, int rows, int from, int d) {
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
