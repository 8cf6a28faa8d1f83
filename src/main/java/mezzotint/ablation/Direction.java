package mezzotint.ablation;

import java.util.Locale;

/** What a change does to a result, as expected, published or measured. */
public enum Direction {
    /** Nearer to what is wanted. */
    BETTER,
    /** Further from it. */
    WORSE,
    /** No difference beyond the scatter of seeds. */
    SAME,
    /** Not said, or not to be told from so few seeds. */
    UNKNOWN;

    /** The word in a logbook: {@code better}, {@code worse}, {@code same}, {@code unknown}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
