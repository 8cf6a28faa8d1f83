package mezzotint.text;

import java.util.List;
import mezzotint.autograd.Tape;

/** A pretrained encoder that is never trained, so that a prompt's states can be kept; see {@link StandardizedText}. */
public interface FrozenTextEncoder extends TextEncoder, AutoCloseable {

    /**
     * States of prompts, each by itself.
     *
     * @return for each prompt (T, width), row-major, with T up to {@link #maxTokens}; T is 0 where a published tokenizer makes
     *     no token of the empty prompt, and the picture then sees no text
     */
    List<float[]> states(List<String> prompts);

    @Override
    default TextTokens encode(Tape tape, List<String> prompts) {
        return TextTokens.padded(tape, states(prompts), width());
    }

    /** Frees weights and files. */
    @Override
    void close();
}
