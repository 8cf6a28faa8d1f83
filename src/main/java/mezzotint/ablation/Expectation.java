package mezzotint.ablation;

/**
 * What the experimenter wrote down before the run.
 *
 * @param direction expected effect on the headline metric
 * @param because a sentence
 */
public record Expectation(Direction direction, String because) {}
