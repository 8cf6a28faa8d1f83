package mezzotint.training;

import java.util.ArrayList;
import java.util.List;

/**
 * Replaces captions by the empty prompt, so that the network also learns the unconditional velocity that guidance needs.
 *
 * @param probability of each caption on its own, in [0, 1]; 0.1 in every PRX run
 * @see <a href="https://arxiv.org/abs/2207.12598">Ho and Salimans 2022, algorithm 1</a>
 */
public record CaptionDropout(float probability) {
    /** @throws IllegalArgumentException when the probability is outside [0, 1] */
    public CaptionDropout {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("caption dropout: expected a probability in [0, 1], got " + probability);
        }
    }

    /** Whether the caption whose number is {@code uniform}, in [0, 1), is dropped. */
    public boolean drops(float uniform) {
        return uniform < probability;
    }

    /** The captions, some of them empty; {@code uniforms} has a number for each. */
    public List<String> apply(List<String> captions, float[] uniforms) {
        List<String> kept = new ArrayList<>(captions);
        for (int i = 0; i < kept.size(); i++) {
            if (drops(uniforms[i])) {
                kept.set(i, "");
            }
        }
        return kept;
    }
}
