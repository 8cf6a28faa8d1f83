package mezzotint.sampling;

import java.util.List;
import mezzotint.flow.TimeShift;
import mezzotint.text.Prompt;

/**
 * What to draw.
 *
 * @param prompts one per picture
 * @param negatives what guidance pushes away from: one per picture, or one for all
 * @param seeds one per picture
 * @param canvas size
 * @param settings how
 */
public record SamplingRequest(
        List<Prompt> prompts, List<Prompt> negatives, List<Long> seeds, Canvas canvas, SamplingSettings settings) {
    /** @throws IllegalArgumentException when counts differ */
    public SamplingRequest {
        prompts = List.copyOf(prompts);
        negatives = List.copyOf(negatives);
        seeds = List.copyOf(seeds);
        if (prompts.isEmpty() || prompts.size() != seeds.size()) {
            throw new IllegalArgumentException(
                    "sampling: expected one seed for each of at least one prompt, got %d prompts and %d seeds"
                            .formatted(prompts.size(), seeds.size()));
        }
        if (negatives.size() != 1 && negatives.size() != prompts.size()) {
            throw new IllegalArgumentException(
                    "sampling: expected one negative prompt for all or one for each of %d prompts, got %d"
                            .formatted(prompts.size(), negatives.size()));
        }
    }

    /**
     * On PRX's own grid, from Philox noise.
     *
     * @param prompts one per picture
     * @param negative what guidance pushes away from; empty as in training
     * @param seeds one per picture; a picture depends on its own seed and prompt only
     * @param height in pixels, a multiple of the patch size
     * @param width in pixels, a multiple of the patch size
     * @param steps Euler steps, at least 1
     * @param shift of the time grid
     * @param guidance how strongly the prompt is followed
     */
    public SamplingRequest(
            List<String> prompts,
            String negative,
            List<Long> seeds,
            int height,
            int width,
            int steps,
            TimeShift shift,
            Guidance guidance) {
        this(
                prompts.stream().map(Prompt::of).toList(),
                List.of(Prompt.of(negative)),
                seeds,
                Canvas.exactly(height, width),
                SamplingSettings.of(TimeGrid.nativeGrid(steps, shift), guidance));
    }

    /** The same for other prompts, each with a seed. */
    public SamplingRequest withPrompts(List<Prompt> others, List<Long> otherSeeds) {
        return new SamplingRequest(others, negatives, otherSeeds, canvas, settings);
    }

    /**
     * Several pictures of every prompt, those of a prompt side by side.
     *
     * @param perPrompt seeds of the pictures of each prompt
     */
    public SamplingRequest withSeeds(long... perPrompt) {
        List<Prompt> repeated = prompts.stream()
                .flatMap(prompt -> java.util.Collections.nCopies(perPrompt.length, prompt).stream())
                .toList();
        List<Long> all = prompts.stream()
                .flatMap(prompt -> java.util.Arrays.stream(perPrompt).boxed())
                .toList();
        List<Prompt> against = negatives.size() == 1
                ? negatives
                : negatives.stream()
                        .flatMap(n -> java.util.Collections.nCopies(perPrompt.length, n).stream())
                        .toList();
        return new SamplingRequest(repeated, against, all, canvas, settings);
    }

    /** Against another prompt. */
    public SamplingRequest withNegative(String negative) {
        return withNegative(Prompt.of(negative));
    }

    /** Against another prompt. */
    public SamplingRequest withNegative(Prompt negative) {
        return new SamplingRequest(prompts, List.of(negative), seeds, canvas, settings);
    }

    /** At another size. */
    public SamplingRequest withCanvas(Canvas other) {
        return new SamplingRequest(prompts, negatives, seeds, other, settings);
    }

    /** With other settings. */
    public SamplingRequest withSettings(SamplingSettings other) {
        return new SamplingRequest(prompts, negatives, seeds, canvas, other);
    }

    /** Number of pictures. */
    public int count() {
        return prompts.size();
    }

    /** Prompts of the pairs that guidance wants: the negative ones of all pictures, then their prompts. */
    List<Prompt> pairs() {
        List<Prompt> pairs = new java.util.ArrayList<>();
        for (int i = 0; i < count(); i++) {
            pairs.add(negatives.size() == 1 ? negatives.getFirst() : negatives.get(i));
        }
        pairs.addAll(prompts);
        return pairs;
    }
}
