package mezzotint.sampling;

import java.util.List;
import mezzotint.flow.TimeShift;

/**
 * What to draw.
 *
 * @param prompts one per picture
 * @param negativePrompt what guidance pushes away from; empty as in training
 * @param seeds one per picture; a picture depends on its own seed and prompt only
 * @param height in pixels, a multiple of the patch size
 * @param width in pixels, a multiple of the patch size
 * @param steps Euler steps, at least 1
 * @param shift of the time grid
 * @param guidance how strongly the prompt is followed
 */
public record SamplingRequest(
        List<String> prompts,
        String negativePrompt,
        List<Long> seeds,
        int height,
        int width,
        int steps,
        TimeShift shift,
        Guidance guidance) {
    /** @throws IllegalArgumentException when counts differ or numbers are out of range */
    public SamplingRequest {
        prompts = List.copyOf(prompts);
        seeds = List.copyOf(seeds);
        if (prompts.isEmpty() || prompts.size() != seeds.size()) {
            throw new IllegalArgumentException(
                    "sampling: expected one seed for each of at least one prompt, got %d prompts and %d seeds"
                            .formatted(prompts.size(), seeds.size()));
        }
        if (height < 1 || width < 1 || steps < 1) {
            throw new IllegalArgumentException(
                    "sampling: expected a positive size and at least 1 step, got %d × %d pixels and %d steps"
                            .formatted(width, height, steps));
        }
    }
}
