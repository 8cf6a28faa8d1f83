package mezzotint.text;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import mezzotint.io.FileReadException;

/** The tokenizer of a {@code tokenizer.json}, by Hugging Face's library under DJL; the only class that names it. */
final class WordPieceTokenizer implements PromptTokenizer, AutoCloseable {
    static final String COORDINATE = "ai.djl.huggingface:tokenizers:0.38.0";

    private final HuggingFaceTokenizer tokenizer;

    private WordPieceTokenizer(HuggingFaceTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /**
     * Opens a tokenizer.
     *
     * @param file the {@code tokenizer.json}
     * @param natives folder where the library unpacks its native code
     * @param maxTokens longer prompts are cut, their end token kept
     * @throws FileReadException where the file is missing or not understood
     * @throws MissingLibraryException where the library's native code does not run here
     */
    static WordPieceTokenizer open(Path file, Path natives, int maxTokens) {
        try {
            return new WordPieceTokenizer(withProperties(properties(natives), () -> build(file, maxTokens)));
        } catch (EngineException | LinkageError e) {
            throw new MissingLibraryException(COORDINATE, "the native code of the tokenizer cannot be loaded", e);
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
    }

    private static HuggingFaceTokenizer build(Path file, int maxTokens) throws IOException {
        try {
            return HuggingFaceTokenizer.builder()
                    .optTokenizerPath(file)
                    .optAddSpecialTokens(true)
                    .optTruncation(true)
                    .optMaxLength(maxTokens)
                    .optPadding(false)
                    .build();
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException e) { // the native code throws it bare for a file it does not understand
            throw new FileReadException(file, "no tokenizer: " + e.getMessage() + ". Convert the model again.");
        }
    }

    private static Map<String, String> properties(Path natives) {
        return Map.of(
                "ENGINE_CACHE_DIR", natives.toString(),
                "RUST_FLAVOR", "cpu", // otherwise it downloads a CUDA build where it finds a GPU
                "slf4j.internal.verbosity", "ERROR"); // no advice about loggers on a user's terminal
    }

    private interface Opening {
        HuggingFaceTokenizer open() throws IOException;
    }

    /** The library takes its settings from system properties alone; those the user has set win, and none is left behind. */
    private static synchronized HuggingFaceTokenizer withProperties(Map<String, String> properties, Opening opening)
            throws IOException {
        Map<String, String> added = new HashMap<>(properties);
        added.keySet().removeIf(key -> System.getProperty(key) != null);
        added.forEach(System::setProperty);
        try {
            return opening.open();
        } finally {
            added.keySet().forEach(System::clearProperty);
        }
    }

    @Override
    public int[] ids(String prompt) {
        // Half a surrogate pair would not survive the way to native code; encoding makes it a question mark.
        String whole = new String(prompt.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        long[] ids = tokenizer.encode(whole).getIds();
        int[] narrow = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            narrow[i] = Math.toIntExact(ids[i]);
        }
        return narrow;
    }

    /** Frees the native tokenizer. */
    @Override
    public void close() {
        tokenizer.close();
    }
}
