package mezzotint.ptx;

/** Copies of registers, as they are or into another kind with the same bits. */
final class Moves {
    private Moves() {}

    static Step ints(int z, int a) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step longs(int z, int a) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            long[] x = w.longs[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step floats(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k];
            }
            w.keepFloats(z, m);
        };
    }

    static Step doubles(int z, int a) {
        return (w, m) -> {
            double[] t = w.doublesFor(z, m);
            double[] x = w.doubles[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k];
            }
            w.keepDoubles(z, m);
        };
    }

    static Step floatBits(int z, int a) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            float[] x = w.floats[a];
            for (int k = 0; k < 32; k++) {
                t[k] = Float.floatToRawIntBits(x[k]);
            }
            w.keepInts(z, m);
        };
    }

    static Step bitsFloat(int z, int a) {
        return (w, m) -> {
            float[] t = w.floatsFor(z, m);
            int[] x = w.ints[a];
            for (int k = 0; k < 32; k++) {
                t[k] = Float.intBitsToFloat(x[k]);
            }
            w.keepFloats(z, m);
        };
    }

    static Step doubleBits(int z, int a) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            double[] x = w.doubles[a];
            for (int k = 0; k < 32; k++) {
                t[k] = Double.doubleToRawLongBits(x[k]);
            }
            w.keepLongs(z, m);
        };
    }

    static Step bitsDouble(int z, int a) {
        return (w, m) -> {
            double[] t = w.doublesFor(z, m);
            long[] x = w.longs[a];
            for (int k = 0; k < 32; k++) {
                t[k] = Double.longBitsToDouble(x[k]);
            }
            w.keepDoubles(z, m);
        };
    }

    static Step narrow(int z, int a) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            long[] x = w.longs[a];
            for (int k = 0; k < 32; k++) {
                t[k] = (int) x[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step widen(int z, int a) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            int[] x = w.ints[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] & 0xffffffffL;
            }
            w.keepLongs(z, m);
        };
    }

    static Step widenSigned(int z, int a) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            int[] x = w.ints[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k];
            }
            w.keepLongs(z, m);
        };
    }

    static Step low16(int z, int a) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] & 0xffff;
            }
            w.keepInts(z, m);
        };
    }

    static Step high16(int z, int a) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] >>> 16;
            }
            w.keepInts(z, m);
        };
    }

    static Step pack16(int z, int a, int b) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] & 0xffff | y[k] << 16;
            }
            w.keepInts(z, m);
        };
    }

    static Step lowWord(int z, int a) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            long[] x = w.longs[a];
            for (int k = 0; k < 32; k++) {
                t[k] = (int) x[k];
            }
            w.keepInts(z, m);
        };
    }

    static Step highWord(int z, int a) {
        return (w, m) -> {
            int[] t = w.intsFor(z, m);
            long[] x = w.longs[a];
            for (int k = 0; k < 32; k++) {
                t[k] = (int) (x[k] >>> 32);
            }
            w.keepInts(z, m);
        };
    }

    static Step packWords(int z, int a, int b) {
        return (w, m) -> {
            long[] t = w.longsFor(z, m);
            int[] x = w.ints[a];
            int[] y = w.ints[b];
            for (int k = 0; k < 32; k++) {
                t[k] = x[k] & 0xffffffffL | (long) y[k] << 32;
            }
            w.keepLongs(z, m);
        };
    }
}
