package mezzotint.training;

import java.util.List;

/**
 * What to do about a step whose loss or gradient is no number.
 *
 * @param action {@code stop}, or {@code skip} to leave the step out: its batch is used up, weights and moments stay as they are
 * @param mostSkipped so many steps of a run may be left out; one more stops it
 */
public record NonFiniteSteps(String action, long mostSkipped) {
    /** Stops at the first. */
    public static final NonFiniteSteps STOP = new NonFiniteSteps("stop", 100);

    /** @throws InvalidTrainingConfigException when there is no such action or the number is negative */
    public NonFiniteSteps {
        if (!List.of("stop", "skip").contains(action)) {
            throw new InvalidTrainingConfigException("non_finite.action", "stop or skip", action);
        }
        if (mostSkipped < 0) {
            throw new InvalidTrainingConfigException("non_finite.most_skipped", "at least 0", mostSkipped);
        }
    }

    /** Whether one more step may be left out after {@code skipped} of them. */
    boolean maySkip(long skipped) {
        return action.equals("skip") && skipped < mostSkipped;
    }
}
