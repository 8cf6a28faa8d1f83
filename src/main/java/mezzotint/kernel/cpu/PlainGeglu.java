package mezzotint.kernel.cpu;

/** {@link CpuGeglu} in ordinary loops. */
final class PlainGeglu implements CpuGeglu.Loops {
    /** gelu(x) = x · σ(2u) with 2u = TWICE · (x + CUBIC · x³), since ½ (1 + tanh u) = σ(2u). */
    static final double TWICE = 2 * Math.sqrt(2 / Math.PI);

    static final double CUBIC = 0.044715;

    /**
     * Below this 2u, where σ is under 1e-18, it is taken as zero. What lies further out becomes denormal sooner or later, itself
     * or in a product with a gradient, and many processors multiply those a hundred times more slowly.
     */
    static final float LEAST = -42;

    @Override
    public void forward(long y, long gate, long up, int n) {
        forward(y, gate, up, 0, n);
    }

    @Override
    public void backward(long gradGate, long gradUp, long gradY, long gate, long up, int n, boolean first) {
        backward(gradGate, gradUp, gradY, gate, up, 0, n, first);
    }

    static void forward(long y, long gate, long up, int from, int n) {
        for (int i = from; i < n; i++) {
            double x = Floats.get(gate, i);
            Floats.set(y, i, (float) (x * weight(x) * Floats.get(up, i)));
        }
    }

    static void backward(long gradGate, long gradUp, long gradY, long gate, long up, int from, int n, boolean first) {
        for (int i = from; i < n; i++) {
            double x = Floats.get(gate, i);
            double weight = weight(x);
            double grad = Floats.get(gradY, i);
            if (gradUp != 0) {
                Floats.add(gradUp, i, (float) (grad * x * weight), first);
            }
            if (gradGate != 0) {
                Floats.add(gradGate, i, (float) (grad * Floats.get(up, i) * slope(x, weight)), first);
            }
        }
    }

    /** The derivative of gelu. */
    static double slope(double x) {
        return slope(x, weight(x));
    }

    private static double slope(double x, double weight) {
        return weight + x * weight * (1 - weight) * TWICE * (1 + 3 * CUBIC * x * x);
    }

    /** gelu(x) / x */
    static double weight(double x) {
        double twice = TWICE * (x + CUBIC * x * x * x);
        return twice < LEAST ? 0 : 1 / (1 + Math.exp(-twice));
    }
}
