package mezzotint.text;

import java.util.Objects;

/** What a picture is asked for with: words, or the token states of words that were encoded before. */
public sealed interface Prompt {

    /**
     * Words, to be cleaned and encoded.
     *
     * @param text in any language; empty for no wish at all
     */
    record Words(String text) implements Prompt {
        /** @throws NullPointerException where there is no text */
        public Words {
            Objects.requireNonNull(text, "text");
        }
    }

    /**
     * Token states that stand for the words; no encoder is asked.
     *
     * @param states of one prompt, as wide as the denoiser's context
     */
    record Embedded(PromptStates states) implements Prompt {
        /** @throws NullPointerException where there are no states */
        public Embedded {
            Objects.requireNonNull(states, "states");
        }
    }

    /** Words. */
    static Prompt of(String text) {
        return new Words(text);
    }

    /** Token states. */
    static Prompt of(PromptStates states) {
        return new Embedded(states);
    }
}
