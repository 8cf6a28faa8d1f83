package mezzotint.kernel.cpu;

/** How wide the loops of the CPU kernels are; chosen once, when the device opens. */
public enum VectorWidth {
    /** Ordinary Java loops: for a JVM without {@code jdk.incubator.vector}. */
    PLAIN(1),
    /** Vector API, 8 floats at a time (AVX2, or NEON pairs). */
    BITS_256(8),
    /** Vector API, 16 floats at a time (AVX-512). */
    BITS_512(16);

    private final int floats;

    VectorWidth(int floats) {
        this.floats = floats;
    }

    /** Floats per vector. */
    public int floats() {
        return floats;
    }
}
