package mezzotint.ptx;

/** Moves approximate results by up to the error that PTX documents for them: the same input is moved the same way. */
final class Perturbation {
    private final boolean active;
    private final long seed;

    Perturbation(boolean active, long seed) {
        this.active = active;
        this.seed = seed;
    }

    boolean active() {
        return active;
    }

    float relative(float result, float input, double error) {
        return active && Float.isFinite(result) ? (float) (result * (1 + error * noise(input))) : result;
    }

    float absolute(float result, float input, double error) {
        return active && Float.isFinite(result) ? (float) (result + error * noise(input)) : result;
    }

    /** In (−1, 1), a hash of the input. */
    private double noise(float input) {
        long z = seed + Float.floatToRawIntBits(input) * 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return (z ^ z >>> 31) / 0x1p63;
    }
}
