package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import mezzotint.text.Prompt;
import mezzotint.text.PromptStates;
import mezzotint.text.PromptStatesFile;

/** Prompts as they are typed: words, or the name of a file with token states. */
final class PromptWords {
    private static final String ENDING = ".safetensors";

    private PromptWords() {}

    /**
     * What a typed prompt stands for.
     *
     * @throws UserMistake when a file of token states holds several prompts
     */
    static Prompt prompt(String typed) {
        if (!isFile(typed)) {
            return Prompt.of(typed);
        }
        List<PromptStates> states = PromptStatesFile.read(Path.of(typed), PromptStatesFile.PROMPT);
        if (states.size() != 1) {
            throw new UserMistake("%s holds the token states of %d prompts; expected one", typed, states.size());
        }
        return Prompt.of(states.getFirst());
    }

    private static boolean isFile(String typed) {
        try {
            return typed.endsWith(ENDING) && Files.isRegularFile(Path.of(typed));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
