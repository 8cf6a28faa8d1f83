package mezzotint.ptx;

/** Comparisons of 32 lanes at once, a bit for each, and selections by such bits. */
final class CompareLoops {
    private CompareLoops() {}

    static int equal(int[] x, int[] y) {
        int mask = 0;
        for (int k = 0; k < 32; k++) {
            mask |= (x[k] == y[k] ? 1 : 0) << k;
        }
        return mask;
    }

    /** @param flip added to both sides: the top bit for unsigned numbers */
    static int less(int[] x, int[] y, int flip) {
        int mask = 0;
        for (int k = 0; k < 32; k++) {
            mask |= ((x[k] ^ flip) < (y[k] ^ flip) ? 1 : 0) << k;
        }
        return mask;
    }

    static int equal(long[] x, long[] y) {
        int mask = 0;
        for (int k = 0; k < 32; k++) {
            mask |= (x[k] == y[k] ? 1 : 0) << k;
        }
        return mask;
    }

    static int less(long[] x, long[] y, long flip) {
        int mask = 0;
        for (int k = 0; k < 32; k++) {
            mask |= ((x[k] ^ flip) < (y[k] ^ flip) ? 1 : 0) << k;
        }
        return mask;
    }

    static int equal(float[] x, float[] y) {
        int mask = 0;
        for (int k = 0; k < 32; k++) {
            mask |= (x[k] == y[k] ? 1 : 0) << k;
        }
        return mask;
    }

    static int less(float[] x, float[] y) {
        int mask = 0;
        for (int k = 0; k < 32; k++) {
            mask |= (x[k] < y[k] ? 1 : 0) << k;
        }
        return mask;
    }

    static void select(int[] z, int[] a, int[] b, int by, int lanes) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            int k = Integer.numberOfTrailingZeros(rest);
            z[k] = (by >>> k & 1) != 0 ? a[k] : b[k];
        }
    }

    static void select(long[] z, long[] a, long[] b, int by, int lanes) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            int k = Integer.numberOfTrailingZeros(rest);
            z[k] = (by >>> k & 1) != 0 ? a[k] : b[k];
        }
    }

    static void select(float[] z, float[] a, float[] b, int by, int lanes) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            int k = Integer.numberOfTrailingZeros(rest);
            z[k] = (by >>> k & 1) != 0 ? a[k] : b[k];
        }
    }

    static void select(double[] z, double[] a, double[] b, int by, int lanes) {
        for (int rest = lanes; rest != 0; rest &= rest - 1) {
            int k = Integer.numberOfTrailingZeros(rest);
            z[k] = (by >>> k & 1) != 0 ? a[k] : b[k];
        }
    }
}
