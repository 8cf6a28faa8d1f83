package mezzotint.kernel.cpu;

/** {@link RowDots} by an ordinary loop. */
final class PlainRowDots implements RowDots {
    @Override
    public void dots(int depth, long a, long b, long bRowBytes, long addend, long c) {
        float s0 = Floats.get(addend, 0);
        float s1 = Floats.get(addend, 1);
        float s2 = Floats.get(addend, 2);
        float s3 = Floats.get(addend, 3);
        for (int k = 0; k < depth; k++) {
            float x = Floats.get(a, k);
            s0 += x * Floats.get(b, k);
            s1 += x * Floats.get(b + bRowBytes, k);
            s2 += x * Floats.get(b + 2 * bRowBytes, k);
            s3 += x * Floats.get(b + 3 * bRowBytes, k);
        }
        Floats.set(c, 0, s0);
        Floats.set(c, 1, s1);
        Floats.set(c, 2, s2);
        Floats.set(c, 3, s3);
    }
}
