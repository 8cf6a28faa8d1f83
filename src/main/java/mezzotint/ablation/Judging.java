package mezzotint.ablation;

/**
 * How a trained model is judged, the same for every run.
 *
 * @param pictures drawn for the metrics of sets of pictures, at least 2
 * @param steps of the sampler, at least 1
 * @param guidance scale of classifier-free guidance
 * @param encoder of the metrics' features, such as {@code inception-mixed5}; {@code none} for no such metric
 * @param headline name of the metric that verdicts speak of
 * @param seed of the pictures' noise, the same for every run
 */
public record Judging(int pictures, int steps, float guidance, String encoder, String headline, long seed) {
    /** @throws InvalidLogbookException when a number is out of its range */
    public Judging {
        if (pictures < 2 || steps < 1 || !Float.isFinite(guidance)) {
            throw new InvalidLogbookException(
                    "judging: expected at least 2 pictures, 1 step and a finite guidance, got %d, %d, %s"
                            .formatted(pictures, steps, guidance));
        }
    }
}
