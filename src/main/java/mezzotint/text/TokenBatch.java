package mezzotint.text;

import java.util.List;

/**
 * Token ids of several prompts, of one length.
 *
 * @param ids for each prompt, padding included
 * @param masks for each prompt, true = real token
 */
public record TokenBatch(List<int[]> ids, List<boolean[]> masks) {
    /** Copies the lists. */
    public TokenBatch {
        ids = List.copyOf(ids);
        masks = List.copyOf(masks);
    }
}
