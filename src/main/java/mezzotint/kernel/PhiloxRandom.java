package mezzotint.kernel;

/**
 * Counter-based random numbers: Philox 4×32 with ten rounds.
 *
 * <p>Number i of stream s under seed k is a pure function of (k, s, i), so any thread and any device can compute any of
 * them, and a run resumes by remembering how many were drawn. An instance draws one stream in order.
 *
 * @see <a href="https://doi.org/10.1145/2063384.2063405">Salmon et al. 2011, §3.3</a>
 */
public final class PhiloxRandom {
    private static final int M0 = 0xD2511F53;
    private static final int M1 = 0xCD9E8D57;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final int ROUNDS = 10;

    private final long seed;
    private final long stream;
    private long next;

    /** Stream 0 of {@code seed}, from its beginning. */
    public PhiloxRandom(long seed) {
        this(seed, 0, 0);
    }

    /** Stream {@code stream} of {@code seed}, whose next number is number {@code next} ≥ 0. */
    public PhiloxRandom(long seed, long stream, long next) {
        this.seed = seed;
        this.stream = stream;
        this.next = next;
    }

    /** The seed. */
    public long seed() {
        return seed;
    }

    /** The stream. */
    public long stream() {
        return stream;
    }

    /** How many numbers were drawn; together with seed and stream the whole state. */
    public long position() {
        return next;
    }

    /** Another stream of the same seed, from its beginning. */
    public PhiloxRandom withStream(long other) {
        return new PhiloxRandom(seed, other, 0);
    }

    /** The next number, uniform in [0, 1) with 24 bits. */
    public float uniform() {
        long i = next++;
        return (bitsAt(seed, stream, i) >>> 8) * 0x1p-24f;
    }

    /** The next number, standard normal. */
    public float normal() {
        return normalAt(seed, stream, next++);
    }

    /** The next whole number in [0, bound), unbiased to 2⁻³². */
    public int below(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("below: expected a bound of at least 1, got " + bound);
        }
        return (int) ((Integer.toUnsignedLong(bitsAt(seed, stream, next++)) * bound) >>> 32);
    }

    /** Number {@code index} ≥ 0 of a stream as 32 random bits. */
    public static int bitsAt(long seed, long stream, long index) {
        int[] block = block(seed, stream, index >>> 2);
        return block[(int) (index & 3)];
    }

    /**
     * Number {@code index} ≥ 0 of a stream, standard normal.
     *
     * <pre>n = √(−2 ln u) · cos|sin(2π w),   u = (x + ½)/2³², w = y/2³²   (x, y: words 0, 1 or 2, 3 of the block)</pre>
     *
     * @see <a href="https://doi.org/10.1214/aoms/1177706645">Box and Muller 1958, eq. 1</a>
     */
    public static float normalAt(long seed, long stream, long index) {
        int[] block = block(seed, stream, index >>> 2);
        int pair = (int) (index & 2);
        double radius = radius(block[pair]);
        double angle = angle(block[pair + 1]);
        return (float) (radius * ((index & 1) == 0 ? Math.cos(angle) : Math.sin(angle)));
    }

    /** √(−2 ln u) for the uniform number of the bits {@code word}. */
    public static double radius(int word) {
        return Math.sqrt(-2.0 * Math.log((Integer.toUnsignedLong(word) + 0.5) * 0x1p-32));
    }

    /** 2π w for the uniform number of the bits {@code word}. */
    public static double angle(int word) {
        return Integer.toUnsignedLong(word) * (2 * Math.PI * 0x1p-32);
    }

    /** The four words of block {@code block} of a stream: counter (block, stream), key seed, low words first. */
    public static int[] block(long seed, long stream, long block) {
        int c0 = (int) block;
        int c1 = (int) (block >>> 32);
        int c2 = (int) stream;
        int c3 = (int) (stream >>> 32);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = Integer.toUnsignedLong(M0) * Integer.toUnsignedLong(c0);
            long p1 = Integer.toUnsignedLong(M1) * Integer.toUnsignedLong(c2);
            int n0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            int n2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            c0 = n0;
            c2 = n2;
            k0 += W0;
            k1 += W1;
        }
        return new int[] {c0, c1, c2, c3};
    }
}
