package mezzotint.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.nio.file.Path;

/** The tokenizer of a {@code tokenizer.json} that {@link BertConverter} wrote. */
final class WordPieceTokenizer implements PromptTokenizer, AutoCloseable {
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
     * @throws mezzotint.io.FileReadException where the file is missing or not understood
     * @throws MissingLibraryException where the library's native code does not run here
     */
    static WordPieceTokenizer open(Path file, Path natives, int maxTokens) {
        return new WordPieceTokenizer(NativeTokenizers.open(
                file,
                natives,
                builder -> builder.optAddSpecialTokens(true)
                        .optTruncation(true)
                        .optMaxLength(maxTokens)
                        .optPadding(false),
                NativeTokenizers.Purpose.CONVERTED));
    }

    @Override
    public int[] ids(String prompt) {
        return NativeTokenizers.narrow(
                tokenizer.encode(NativeTokenizers.whole(prompt)).getIds());
    }

    /** Frees the native tokenizer. */
    @Override
    public void close() {
        tokenizer.close();
    }
}
