package mezzotint.ptx;

/** Float32 and float64 arithmetic to nearest even, one plain loop each. */
final class FloatLoops {
    private FloatLoops() {}

    static Step add(int z, int a, int b) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            float[] y = w.floats[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] + y[k];
            }
            w.keepFloats(z, m);
        };
    }

    static Step sub(int z, int a, int b) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            float[] y = w.floats[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] - y[k];
            }
            w.keepFloats(z, m);
        };
    }

    static Step mul(int z, int a, int b) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            float[] y = w.floats[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] * y[k];
            }
            w.keepFloats(z, m);
        };
    }

    static Step fma(int z, int a, int b, int c) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            float[] y = w.floats[b];
            float[] v = w.floats[c];
            for (int k = 0; k < 32; k++) {
                t[k] = Math.fma(x[k], y[k], v[k]);
            }
            w.keepFloats(z, m);
        };
    }

    static Step div(int z, int a, int b) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            float[] y = w.floats[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] / y[k];
            }
            w.keepFloats(z, m);
        };
    }

    static Step neg(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = -x[k];
            }
            w.keepFloats(z, m);
        };
    }

    static Step abs(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = Math.abs(x[k]);
            }
            w.keepFloats(z, m);
        };
    }

    /** A NaN gives way to a number. */
    static Step min(int z, int a, int b) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            float[] y = w.floats[b];
            for (int k = 0; k < 32; k++) {
                t[k] = Float.isNaN(x[k]) ? y[k] : Float.isNaN(y[k]) ? x[k] : Math.min(x[k], y[k]);
            }
            w.keepFloats(z, m);
        };
    }

    /** A NaN gives way to a number. */
    static Step max(int z, int a, int b) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            float[] y = w.floats[b];
            for (int k = 0; k < 32; k++) {
                t[k] = Float.isNaN(x[k]) ? y[k] : Float.isNaN(y[k]) ? x[k] : Math.max(x[k], y[k]);
            }
            w.keepFloats(z, m);
        };
    }

    static Step rcp(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = 1 / x[k];
            }
            w.keepFloats(z, m);
        };
    }

    static Step sqrt(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = (float) Math.sqrt(x[k]);
            }
            w.keepFloats(z, m);
        };
    }

    static Step rsqrt(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = (float) (1 / Math.sqrt(x[k]));
            }
            w.keepFloats(z, m);
        };
    }

    static Step exp2(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = Approximations.exp2(x[k]);
            }
            w.keepFloats(z, m);
        };
    }

    static Step exp2Flushed(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = Rounding.flush(Approximations.exp2(Rounding.flush(x[k])));
            }
            w.keepFloats(z, m);
        };
    }

    static Step fromInt(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            int[] x = w.ints[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k];
            }
            w.keepFloats(z, m);
        };
    }

    static Step fromUnsigned(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            int[] x = w.ints[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] & 0xffffffffL;
            }
            w.keepFloats(z, m);
        };
    }

    /** The bits of the nearest bf16. */
    static Step bf16(int z, int a) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = Bf16.bits(x[k]);
            }
            w.keepInts(z, m);
        };
    }

    /** The first source in the high half. */
    static Step bf16x2(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            float[] x = w.floats[a];
            float[] y = w.floats[b];
            for (int k = 0; k < 32; k++) {
                t[k] = Bf16.bits(x[k]) << 16 | Bf16.bits(y[k]);
            }
            w.keepInts(z, m);
        };
    }

    static Step add64(int z, int a, int b) {
        return (w, m) -> {
            double[] t = w.doublesFor(z, m);
            double[] x = w.doubles[a];
            double[] y = w.doubles[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] + y[k];
            }
            w.keepDoubles(z, m);
        };
    }

    static Step sub64(int z, int a, int b) {
        return (w, m) -> {
            double[] t = w.doublesFor(z, m);
            double[] x = w.doubles[a];
            double[] y = w.doubles[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] - y[k];
            }
            w.keepDoubles(z, m);
        };
    }

    static Step mul64(int z, int a, int b) {
        return (w, m) -> {
            double[] t = w.doublesFor(z, m);
            double[] x = w.doubles[a];
            double[] y = w.doubles[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] * y[k];
            }
            w.keepDoubles(z, m);
        };
    }

    static Step fma64(int z, int a, int b, int c) {
        return (w, m) -> {
            double[] t = w.doublesFor(z, m);
            double[] x = w.doubles[a];
            double[] y = w.doubles[b];
            double[] v = w.doubles[c];
            for (int k = 0; k < 32; k++) {
                t[k] = Math.fma(x[k], y[k], v[k]);
            }
            w.keepDoubles(z, m);
        };
    }

    static Step toDouble(int z, int a) {
        return (w, m) -> {
            double[] t = w.doublesFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k];
            }
            w.keepDoubles(z, m);
        };
    }

    static Step toFloat(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            double[] x = w.doubles[a];
            for (int k = 0; k < 32; k++) {
                t[k] = (float) x[k];
            }
            w.keepFloats(z, m);
        };
    }
}
