package mezzotint.kernel.cpu;

/** {@link CpuActivation} in ordinary loops; those with {@code from} are also the rests of the vector loops. */
final class PlainActivation implements CpuActivation.Loops {
    /** CLIP's constant: quickGelu(x) = x · σ(1.702 x). */
    static final double QUICK = 1.702;

    @Override
    public void relu(long y, long x, int n) {
        relu(y, x, 0, n);
    }

    /** Not {@code x > 0 ? x : 0}, which would take NaN for 0. */
    static void relu(long y, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(y, i, Math.max(Floats.get(x, i), 0f));
        }
    }

    @Override
    public void reluBackward(long gradX, long gradY, long x, int n) {
        reluBackward(gradX, gradY, x, 0, n);
    }

    static void reluBackward(long gradX, long gradY, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            if (Floats.get(x, i) > 0) {
                Floats.add(gradX, i, Floats.get(gradY, i));
            }
        }
    }

    @Override
    public void geluTanh(long y, long x, int n) {
        geluTanh(y, x, 0, n);
    }

    static void geluTanh(long y, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            double v = Floats.get(x, i);
            Floats.set(y, i, (float) (v * PlainGeglu.weight(v)));
        }
    }

    @Override
    public void geluTanhBackward(long gradX, long gradY, long x, int n) {
        geluTanhBackward(gradX, gradY, x, 0, n);
    }

    static void geluTanhBackward(long gradX, long gradY, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.add(gradX, i, (float) (Floats.get(gradY, i) * PlainGeglu.slope(Floats.get(x, i))));
        }
    }

    @Override
    public void quickGelu(long y, long x, int n) {
        quickGelu(y, x, 0, n);
    }

    static void quickGelu(long y, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            double v = Floats.get(x, i);
            Floats.set(y, i, (float) (v * sigmoid(QUICK * v)));
        }
    }

    @Override
    public void quickGeluBackward(long gradX, long gradY, long x, int n) {
        quickGeluBackward(gradX, gradY, x, 0, n);
    }

    static void quickGeluBackward(long gradX, long gradY, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            double v = Floats.get(x, i);
            double sigmoid = sigmoid(QUICK * v);
            Floats.add(gradX, i, (float) (Floats.get(gradY, i) * (sigmoid + QUICK * v * sigmoid * (1 - sigmoid))));
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Override
    public void multiply(long y, long a, long b, int n) {
        multiply(y, a, b, 0, n);
    }

    static void multiply(long y, long a, long b, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(y, i, Floats.get(a, i) * Floats.get(b, i));
        }
    }

    @Override
    public void addProduct(long y, long a, long b, int n) {
        addProduct(y, a, b, 0, n);
    }

    static void addProduct(long y, long a, long b, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.add(y, i, Floats.get(a, i) * Floats.get(b, i));
        }
    }
}
