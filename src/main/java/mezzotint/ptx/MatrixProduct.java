package mezzotint.ptx;

/**
 * A 16×K times K×8 product, added to 16×8 float32 accumulators.
 *
 * <p>With g = lane/4 and t = lane%4, and K = 16 of 16-bit factors: a register of A holds elements (g | g+8, 2t | 2t+8) and
 * the next in the row, one of B (k = 2t | 2t+8, n = g) and the next in the column, C and D (g | g+8, 2t | 2t+1).
 *
 * @param depth K
 */
record MatrixProduct(PtxType type, int depth, int[] z, int[] x, int[] y, int[] v) implements Step {
    private static final int ROWS = 16;
    private static final int COLUMNS = 8;

    @Override
    public void run(Warp w, int m) {
        float[] a = w.left;
        float[] b = w.right;
        for (int q = 0; q < x.length; q++) {
            unpackLeft(w.ints[x[q]], q, a);
        }
        for (int q = 0; q < y.length; q++) {
            unpackRight(w.ints[y[q]], q, b);
        }
        float[] sums = w.sums;
        multiply(a, b, sums);
        for (int q = 0; q < 4; q++) {
            float[] to = w.floatsFor(z[q], m);
            float[] from = w.floats[v[q]];
            for (int l = 0; l < 32; l++) {
                int row = (l >> 2) + 8 * (q >> 1);
                int column = 2 * (l & 3) + (q & 1);
                to[l] = from[l] + sums[row * COLUMNS + column];
            }
            w.keepFloats(z[q], m);
        }
    }

    /** A by rows. */
    private void unpackLeft(int[] bits, int q, float[] a) {
        for (int l = 0; l < 32; l++) {
            int row = (l >> 2) + 8 * (q & 1);
            if (type == PtxType.TF32) {
                a[row * depth + (l & 3) + 4 * (q >> 1)] = Float.intBitsToFloat(bits[l] & ~0x1fff);
            } else {
                int at = row * depth + 2 * (l & 3) + 8 * (q >> 1);
                a[at] = low(bits[l]);
                a[at + 1] = high(bits[l]);
            }
        }
    }

    /** B by rows of K: the eight columns of one k lie side by side. */
    private void unpackRight(int[] bits, int q, float[] b) {
        for (int l = 0; l < 32; l++) {
            int column = l >> 2;
            if (type == PtxType.TF32) {
                b[((l & 3) + 4 * q) * COLUMNS + column] = Float.intBitsToFloat(bits[l] & ~0x1fff);
            } else {
                int k = 2 * (l & 3) + 8 * q;
                b[k * COLUMNS + column] = low(bits[l]);
                b[(k + 1) * COLUMNS + column] = high(bits[l]);
            }
        }
    }

    private float low(int bits) {
        return type == PtxType.BF16 ? Float.intBitsToFloat(bits << 16) : Bf16.halfValue(bits & 0xffff);
    }

    private float high(int bits) {
        return type == PtxType.BF16 ? Float.intBitsToFloat(bits & 0xffff0000) : Bf16.halfValue(bits >>> 16);
    }

    private void multiply(float[] a, float[] b, float[] sums) {
        for (int row = 0; row < ROWS; row++) {
            float s0 = 0;
            float s1 = 0;
            float s2 = 0;
            float s3 = 0;
            float s4 = 0;
            float s5 = 0;
            float s6 = 0;
            float s7 = 0;
            for (int k = 0; k < depth; k++) {
                float f = a[row * depth + k];
                int at = k * COLUMNS;
                s0 = Math.fma(f, b[at], s0);
                s1 = Math.fma(f, b[at + 1], s1);
                s2 = Math.fma(f, b[at + 2], s2);
                s3 = Math.fma(f, b[at + 3], s3);
                s4 = Math.fma(f, b[at + 4], s4);
                s5 = Math.fma(f, b[at + 5], s5);
                s6 = Math.fma(f, b[at + 6], s6);
                s7 = Math.fma(f, b[at + 7], s7);
            }
            int at = row * COLUMNS;
            sums[at] = s0;
            sums[at + 1] = s1;
            sums[at + 2] = s2;
            sums[at + 3] = s3;
            sums[at + 4] = s4;
            sums[at + 5] = s5;
            sums[at + 6] = s6;
            sums[at + 7] = s7;
        }
    }
}
