package mezzotint.ptx;

/** Integer arithmetic of the kernels' inner loops, one plain loop each, which the compiler turns into vector instructions. */
final class IntegerLoops {
    private IntegerLoops() {}

    static Step add(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] + y[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step sub(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] - y[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step mul(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] * y[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step mad(int z, int a, int b, int c) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            int[] v = w.ints[c];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] * y[k] + v[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step and(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] & y[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step or(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] | y[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step xor(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] ^ y[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step not(int z, int a) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            for (int k = 0; k < 32; k++) {
                t[k] = ~x[k];
            }
            w.keepInts(z, m);
        };
    }

    /** Shifts by more than 31 give 0. */
    static Step shl(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = (y[k] & ~31) != 0 ? 0 : x[k] << y[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step shr(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = (y[k] & ~31) != 0 ? 0 : x[k] >>> y[k];
            }
            w.keepInts(z, m);
        };
    }

    /** Shifts by more than 31 give the sign. */
    static Step sar(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] >> ((y[k] & ~31) != 0 ? 31 : y[k]);
            }
            w.keepInts(z, m);
        };
    }

    static Step min(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = Math.min(x[k], y[k]);
            }
            w.keepInts(z, m);
        };
    }

    static Step max(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = Math.max(x[k], y[k]);
            }
            w.keepInts(z, m);
        };
    }

    static Step mulWide(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = (long) x[k] * y[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step mulWideUnsigned(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = (x[k] & 0xffffffffL) * (y[k] & 0xffffffffL);
            }
            w.keepLongs(z, m);
        };
    }

    static Step madWide(int z, int a, int b, int c) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            long[] v = w.longs[c];
            for (int k = 0; k < 32; k++) {
                t[k] = (long) x[k] * y[k] + v[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step madWideUnsigned(int z, int a, int b, int c) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            long[] v = w.longs[c];
            for (int k = 0; k < 32; k++) {
                t[k] = (x[k] & 0xffffffffL) * (y[k] & 0xffffffffL) + v[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step add64(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            long[] y = w.longs[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] + y[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step sub64(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            long[] y = w.longs[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] - y[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step mul64(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            long[] y = w.longs[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] * y[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step mad64(int z, int a, int b, int c) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            long[] y = w.longs[b];
            long[] v = w.longs[c];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] * y[k] + v[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step and64(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            long[] y = w.longs[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] & y[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step or64(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            long[] y = w.longs[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] | y[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step xor64(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            long[] y = w.longs[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] ^ y[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step not64(int z, int a) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            for (int k = 0; k < 32; k++) {
                t[k] = ~x[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step shl64(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = (y[k] & ~63) != 0 ? 0 : x[k] << y[k];
            }
            w.keepLongs(z, m);
        };
    }
}
