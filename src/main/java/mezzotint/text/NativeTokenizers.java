package mezzotint.text;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import mezzotint.io.FileReadException;

/** Opens tokenizers of Hugging Face's library under DJL. */
final class NativeTokenizers {
    static final String COORDINATE = "ai.djl.huggingface:tokenizers:0.38.0";

    /**
     * What a tokenizer is opened for, and so what to do where it fails.
     *
     * @param remedy where the file is not understood
     * @param alternative to adding the library
     */
    record Purpose(String remedy, String alternative) {
        static final Purpose CONVERTED =
                new Purpose("Convert the model again.", ", or use the text encoder \"bytes\", which needs none");
        static final Purpose PUBLISHED = new Purpose("Fetch it again.", "");
    }

    private NativeTokenizers() {}

    /**
     * Opens a tokenizer.
     *
     * @param file the {@code tokenizer.json}
     * @param natives folder where the library unpacks its native code
     * @param settings of the library
     * @param purpose for messages
     * @throws FileReadException where the file is missing or not understood
     * @throws MissingLibraryException where the library's native code does not run here
     */
    static HuggingFaceTokenizer open(
            Path file, Path natives, UnaryOperator<HuggingFaceTokenizer.Builder> settings, Purpose purpose) {
        try {
            return withProperties(properties(natives), () -> build(file, settings, purpose.remedy()));
        } catch (EngineException | LinkageError e) {
            throw new MissingLibraryException(COORDINATE, "the native code of the tokenizer cannot be loaded", purpose, e);
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
    }

    private static HuggingFaceTokenizer build(
            Path file, UnaryOperator<HuggingFaceTokenizer.Builder> settings, String remedy) throws IOException {
        try {
            Files.size(file); // a missing file is told by its name
            return settings.apply(HuggingFaceTokenizer.builder().optTokenizerPath(file))
                    .build();
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException e) { // the native code throws it bare for a file it does not understand
            throw new FileReadException(file, "no tokenizer: " + e.getMessage() + ". " + remedy);
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

    /** Half a surrogate pair would not survive the way to native code; encoding makes it a question mark. */
    static String whole(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    /** Ids of the library as ints; no vocabulary has more. */
    static int[] narrow(long[] ids) {
        int[] narrow = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            narrow[i] = Math.toIntExact(ids[i]);
        }
        return narrow;
    }
}
