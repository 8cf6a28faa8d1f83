package mezzotint.kernel.cpu;

import java.lang.foreign.ValueLayout;
import mezzotint.tensor.BFloat16;

/** {@link CpuPointwise} in ordinary loops; the static ones begin at element {@code from}. */
final class PlainPointwise implements CpuPointwise.Loops {
    /**
     * Φ(−x) ≈ e^(−x²/2) · t · Σ TAIL_k tᵏ for x ≥ 0, with t = 1/(1 + TAIL_SCALE · x): a minimax fit on [0, 13], relative error
     * 2e-8 before rounding.
     */
    static final float[] TAIL = {
        0.103762664f,
        0.10295718f,
        0.103444904f,
        0.049438488f,
        0.16462143f,
        -0.15620355f,
        0.25604257f,
        -0.15501605f,
        0.030952355f
    };

    static final float TAIL_SCALE = 0.26f;

    /** 1/√(2π), the density of the standard normal distribution at 0. */
    static final float DENSITY = (float) (1 / Math.sqrt(2 * Math.PI));

    @Override
    public void silu(long y, long x, int n) {
        silu(y, x, 0, n);
    }

    @Override
    public void siluBackward(long gradX, long gradY, long x, int n) {
        siluBackward(gradX, gradY, x, 0, n);
    }

    @Override
    public void gelu(long y, long x, int n) {
        gelu(y, x, 0, n);
    }

    @Override
    public void geluBackward(long gradX, long gradY, long x, int n) {
        geluBackward(gradX, gradY, x, 0, n);
    }

    @Override
    public void add(long y, long a, long b, int n) {
        add(y, a, b, 0, n);
    }

    @Override
    public void addScaled(long y, long x, float factor, int n) {
        addScaled(y, x, factor, 0, n);
    }

    @Override
    public void scale(long y, long x, float factor, int n) {
        scale(y, x, factor, 0, n);
    }

    @Override
    public void fill(long y, float value, int n) {
        fill(y, value, 0, n);
    }

    @Override
    public void narrow(long y, long x, int n) {
        narrow(y, x, 0, n);
    }

    @Override
    public void widen(long y, long x, int n) {
        widen(y, x, 0, n);
    }

    @Override
    public void gatedResidual(long y, long x, long gate, long branch, int rows, int d) {
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            multiplyAdd(y + skip, x + skip, gate, branch + skip, 0, d);
        }
    }

    @Override
    public void gatedResidualBackward(
            long gradX, long gateSums, long gradBranch, long gradY, long gate, long branch, int d, boolean first) {
        gatedBackward(gradX, gateSums, gradBranch, gradY, gate, branch, 0, d, first);
    }

    static void silu(long y, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            double v = Floats.get(x, i);
            Floats.set(y, i, (float) (v * sigmoid(v)));
        }
    }

    static void siluBackward(long gradX, long gradY, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            double v = Floats.get(x, i);
            double sigmoid = sigmoid(v);
            Floats.add(gradX, i, (float) (Floats.get(gradY, i) * sigmoid * (1 + v * (1 - sigmoid))));
        }
    }

    static void gelu(long y, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            float v = Floats.get(x, i);
            Floats.set(y, i, (float) (v * cumulative(v)));
        }
    }

    static void geluBackward(long gradX, long gradY, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            float v = Floats.get(x, i);
            double slope = cumulative(v) + v * DENSITY * Math.exp(-0.5 * v * v);
            Floats.add(gradX, i, (float) (Floats.get(gradY, i) * slope));
        }
    }

    static void add(long y, long a, long b, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(y, i, Floats.get(a, i) + Floats.get(b, i));
        }
    }

    static void addScaled(long y, long x, float factor, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.add(y, i, factor * Floats.get(x, i));
        }
    }

    static void scale(long y, long x, float factor, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(y, i, factor * Floats.get(x, i));
        }
    }

    static void fill(long y, float value, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(y, i, value);
        }
    }

    static void narrow(long y, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            CpuMemory.ALL.set(ValueLayout.JAVA_SHORT_UNALIGNED, y + 2L * i, BFloat16.fromFloat(Floats.get(x, i)));
        }
    }

    static void widen(long y, long x, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(y, i, BFloat16.toFloat(CpuMemory.ALL.get(ValueLayout.JAVA_SHORT_UNALIGNED, x + 2L * i)));
        }
    }

    static void multiplyAdd(long y, long x, long gate, long branch, int from, int n) {
        for (int i = from; i < n; i++) {
            Floats.set(y, i, Floats.get(x, i) + Floats.get(gate, i) * Floats.get(branch, i));
        }
    }

    static void gatedBackward(
            long gradX,
            long gateSums,
            long gradBranch,
            long gradY,
            long gate,
            long branch,
            int from,
            int n,
            boolean first) {
        for (int i = from; i < n; i++) {
            float grad = Floats.get(gradY, i);
            if (gradX != 0) {
                Floats.add(gradX, i, grad, first);
            }
            if (gateSums != 0) {
                Floats.add(gateSums, i, grad * Floats.get(branch, i));
            }
            if (gradBranch != 0) {
                Floats.add(gradBranch, i, grad * Floats.get(gate, i), first);
            }
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** Φ(x), the probability that a standard normal number is below {@code x}. */
    private static double cumulative(float x) {
        double t = 1 / (1 + TAIL_SCALE * (double) Math.abs(x));
        double sum = 0;
        for (int k = TAIL.length - 1; k >= 0; k--) {
            sum = sum * t + TAIL[k];
        }
        double tail = Math.exp(-0.5 * x * x) * t * sum;
        return x < 0 ? tail : 1 - tail;
    }
}
