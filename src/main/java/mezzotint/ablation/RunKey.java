package mezzotint.ablation;

/**
 * A run of a logbook.
 *
 * @param variant its name
 * @param seed of everything random in it
 */
public record RunKey(String variant, long seed) {
    /** The name of its folder, {@code baseline-1}. */
    @Override
    public String toString() {
        return variant + "-" + seed;
    }
}
