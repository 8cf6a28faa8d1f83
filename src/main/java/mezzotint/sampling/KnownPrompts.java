package mezzotint.sampling;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import mezzotint.text.Prompt;
import mezzotint.text.PromptStates;

/** Token states of the words that were encoded last, so that a text tower is not loaded again for them. */
final class KnownPrompts {
    private static final int KEPT = 256; // of 30 tokens and width 2304: 70 MB

    private final Function<List<String>, List<PromptStates>> encoder;
    private final SequencedMap<String, PromptStates> known = new LinkedHashMap<>();

    /** @param encoder of words that are not known */
    KnownPrompts(Function<List<String>, List<PromptStates>> encoder) {
        this.encoder = encoder;
    }

    /** States of prompts, in their order. */
    List<PromptStates> states(List<Prompt> prompts) {
        List<String> missing = new ArrayList<>();
        for (Prompt prompt : prompts) {
            if (prompt instanceof Prompt.Words(String text) && !known.containsKey(text) && !missing.contains(text)) {
                missing.add(text);
            }
        }
        if (!missing.isEmpty()) {
            List<PromptStates> encoded = encoder.apply(missing);
            for (int i = 0; i < missing.size(); i++) {
                known.put(missing.get(i), encoded.get(i));
            }
        }
        List<PromptStates> states = prompts.stream()
                .map(prompt -> switch (prompt) {
                    case Prompt.Words(String text) -> known.get(text);
                    case Prompt.Embedded(PromptStates given) -> given;
                })
                .toList();
        while (known.size() > KEPT) {
            known.pollFirstEntry();
        }
        return states;
    }
}
