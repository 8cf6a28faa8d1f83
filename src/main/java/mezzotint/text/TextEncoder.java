package mezzotint.text;

import java.util.List;
import mezzotint.autograd.Tape;

/** Turns prompts into token states; one that is trained with the denoiser records itself on the tape. */
public interface TextEncoder {

    /** Name and version, as written into checkpoints, such as {@code bytes-1}. */
    String name();

    /** Width of a token state. */
    int width();

    /** The most tokens a prompt is cut to. */
    int maxTokens();

    /**
     * Encodes prompts, padded on the right to the longest of them; the empty prompt has at least one real token.
     *
     * @param prompts B of them, in any language
     */
    TextTokens encode(Tape tape, List<String> prompts);
}
