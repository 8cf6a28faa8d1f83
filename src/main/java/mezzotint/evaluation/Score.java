package mezzotint.evaluation;

import java.util.List;
import java.util.Optional;

/**
 * A distance between a reference set and a generated one.
 *
 * @param name such as {@code FID}
 * @param value of the two sets; less is nearer
 * @param interval about it, if one was asked for
 * @param reference pictures of the first set
 * @param generated pictures of the second
 * @param warnings what to bear in mind, each a sentence
 */
public record Score(
        String name,
        double value,
        Optional<Bootstrap.Interval> interval,
        int reference,
        int generated,
        List<String> warnings) {
    /** Copies the list. */
    public Score {
        warnings = List.copyOf(warnings);
    }
}
