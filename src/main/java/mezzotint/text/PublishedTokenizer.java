package mezzotint.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tokenizer of a published model: {@code tokenizer.json} and {@code tokenizer_config.json}. */
public final class PublishedTokenizer implements AutoCloseable {
    private final Path folder;
    private final HuggingFaceTokenizer tokenizer;
    private final TokenizerSettings settings;

    private PublishedTokenizer(Path folder, HuggingFaceTokenizer tokenizer, TokenizerSettings settings) {
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.settings = settings;
    }

    /**
     * Opens a folder.
     *
     * @param folder such as {@code pipeline/tokenizer}
     * @param natives folder where the library unpacks its native code
     * @throws mezzotint.io.FileReadException where a file is missing or no tokenizer
     * @throws TextFormatException where its settings are not understood
     * @throws MissingLibraryException where the library is not on the class path or does not run here
     */
    public static PublishedTokenizer open(Path folder, Path natives) {
        TokenizerSettings settings = TokenizerSettings.read(folder);
        try {
            return open(folder, natives, settings);
        } catch (NoClassDefFoundError e) {
            throw new MissingLibraryException(
                    NativeTokenizers.COORDINATE,
                    "the tokenizer's library is missing",
                    NativeTokenizers.Purpose.PUBLISHED,
                    e);
        }
    }

    private static PublishedTokenizer open(Path folder, Path natives, TokenizerSettings settings) {
        // Cutting and padding are done here, to any length; what the file says of them is for other uses.
        return new PublishedTokenizer(
                folder,
                NativeTokenizers.open(
                        folder.resolve("tokenizer.json"),
                        natives,
                        builder -> builder.optTruncation(false).optPadding(false),
                        NativeTokenizers.Purpose.PUBLISHED),
                settings);
    }

    /** Length the model was made for; very large where the settings give none. */
    public int maxTokens() {
        return settings.maxTokens();
    }

    /** Ids of a text of any length, without the tokens that are put around it. */
    public int[] plainIds(String text) {
        return NativeTokenizers.narrow(encode(text, false).getIds());
    }

    /** Ids of a text of any length, with the tokens that are put around it. */
    public int[] ids(String text) {
        return NativeTokenizers.narrow(encode(text, true).getIds());
    }

    private Encoding encode(String text, boolean special) {
        return tokenizer.encode(NativeTokenizers.whole(text), special, false);
    }

    /**
     * Ids of a text cut to a length: the tokens around it stay.
     *
     * @throws IllegalArgumentException where they alone are more
     */
    public int[] ids(String text, int maxTokens) {
        Encoding encoding = encode(text, true);
        int[] ids = NativeTokenizers.narrow(encoding.getIds());
        if (ids.length <= maxTokens) {
            return ids;
        }
        long[] added = encoding.getSpecialTokenMask();
        int before = 0;
        while (before < added.length && added[before] == 1) {
            before++;
        }
        int after = 0;
        while (after < added.length - before && added[added.length - 1 - after] == 1) {
            after++;
        }
        int kept = maxTokens - before - after;
        if (kept < 0) {
            throw new IllegalArgumentException("%s puts %d tokens around a prompt; expected room for them, got %d"
                    .formatted(folder, before + after, maxTokens));
        }
        int from = settings.cutLeft() ? ids.length - after - kept : before;
        int[] cut = new int[maxTokens];
        System.arraycopy(ids, 0, cut, 0, before);
        System.arraycopy(ids, from, cut, before, kept);
        System.arraycopy(ids, ids.length - after, cut, before + kept, after);
        return cut;
    }

    /**
     * Several texts cut and padded to one length.
     *
     * @throws TextFormatException where there is no padding token
     */
    public TokenBatch batch(List<String> texts, int tokens) {
        int pad = padId();
        List<int[]> all = new ArrayList<>();
        List<boolean[]> masks = new ArrayList<>();
        for (String text : texts) {
            int[] ids = ids(text, tokens);
            int at = settings.padLeft() ? tokens - ids.length : 0;
            int[] padded = new int[tokens];
            Arrays.fill(padded, pad);
            System.arraycopy(ids, 0, padded, at, ids.length);
            boolean[] mask = new boolean[tokens];
            Arrays.fill(mask, at, at + ids.length, true);
            all.add(padded);
            masks.add(mask);
        }
        return new TokenBatch(all, masks);
    }

    private int padId() {
        String token = settings.padToken()
                .orElseThrow(() -> new TextFormatException(
                        folder.resolve(TokenizerSettings.FILE), "pad_token", "a token", "none"));
        int[] ids = plainIds(token);
        if (ids.length != 1) {
            throw new TextFormatException(
                    folder.resolve(TokenizerSettings.FILE),
                    "pad_token",
                    "one token of tokenizer.json",
                    "\"%s\", which is %d".formatted(token, ids.length));
        }
        return ids[0];
    }

    /** The text of ids, special tokens left out. */
    public String decode(int[] ids) {
        long[] wide = Arrays.stream(ids).asLongStream().toArray();
        return tokenizer.decode(wide, true);
    }

    /** Frees the native tokenizer. */
    @Override
    public void close() {
        tokenizer.close();
    }
}
