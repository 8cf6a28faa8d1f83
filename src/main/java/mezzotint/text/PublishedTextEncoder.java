package mezzotint.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import mezzotint.io.FileReadException;
import mezzotint.kernel.Device;
import mezzotint.text.cleaning.PromptCleaner;

/**
 * Cleaner, tokenizer and network of a published model: prompts become the token states that its denoiser was trained with.
 *
 * <p>Padding is not run through the network: positions are relative and padding is masked, so that states of real tokens do
 * not depend on it. Not safe for several threads.
 */
public final class PublishedTextEncoder implements FrozenTextEncoder {
    /** More tokens than any published model's prompts have; some settings give the language model's own limit. */
    private static final int MOST_TOKENS = 4096;

    /** Tokens that pass through the network together: activations of T5Gemma-2B take 0.3 GiB. */
    private static final int TOKENS_AT_ONCE = 1024;

    /**
     * How prompts are read.
     *
     * @param cleaner of the model's pipeline
     * @param maxTokens prompts are cut to it; empty for the tokenizer's {@code model_max_length}
     * @param natives folder where the tokenizer's library unpacks its native code
     * @param tower how the network runs
     */
    public record Setup(PromptCleaner cleaner, OptionalInt maxTokens, Path natives, TextTower.Options tower) {}

    private final Path tokenizerFolder;
    private final TextTower tower;
    private final Setup setup;
    private final int maxTokens;
    private Optional<PublishedTokenizer> tokenizer = Optional.empty();

    private PublishedTextEncoder(Path tokenizerFolder, TextTower tower, Setup setup) {
        this.tokenizerFolder = tokenizerFolder;
        this.tower = tower;
        this.setup = setup;
        TokenizerSettings settings = TokenizerSettings.read(tokenizerFolder);
        maxTokens = setup.maxTokens().orElse(settings.maxTokens());
        if (maxTokens < 1 || maxTokens > MOST_TOKENS) {
            throw new TextFormatException(
                    tokenizerFolder.resolve(TokenizerSettings.FILE),
                    "model_max_length, or the tokens asked for",
                    "from 1 to " + MOST_TOKENS,
                    "" + maxTokens);
        }
        Path file = tokenizerFolder.resolve(PublishedTokenizer.FILE);
        if (!Files.exists(file)) {
            throw new FileReadException(file, "there is no such file. Check the path.");
        }
    }

    /**
     * Opens the two folders of a pipeline. Weights are mapped and their names and shapes checked; they are read, and the
     * tokenizer is opened, which takes a second or two, when the first prompt comes.
     *
     * @param device where the network runs
     * @param encoder such as {@code pipeline/text_encoder}
     * @param tokenizer such as {@code pipeline/tokenizer}
     * @throws FileReadException where a file is missing
     * @throws TextFormatException where settings or weights are not what they should be
     */
    public static PublishedTextEncoder open(Device device, Path encoder, Path tokenizer, Setup setup) {
        TextTower tower = TextTower.open(device, encoder, setup.tower());
        try {
            return new PublishedTextEncoder(tokenizer, tower, setup);
        } catch (RuntimeException e) {
            tower.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return tower.name();
    }

    @Override
    public int width() {
        return tower.width();
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    /**
     * The tokenizer, closed with this.
     *
     * @throws FileReadException where its file is none
     * @throws MissingLibraryException where its library is not on the class path or does not run here
     */
    public PublishedTokenizer tokenizer() {
        if (tokenizer.isEmpty()) {
            tokenizer = Optional.of(PublishedTokenizer.open(tokenizerFolder, setup.natives()));
        }
        return tokenizer.get();
    }

    Path tokenizerFolder() {
        return tokenizerFolder;
    }

    Setup setup() {
        return setup;
    }

    TextTower tower() {
        return tower;
    }

    /** Bytes of weights that are on the device at once. */
    public long weightBytes() {
        return tower.weightBytes();
    }

    /** Bytes of device memory that encoding prompts takes, weights and activations, from above. */
    public long memoryBytes() {
        int prompts = Math.max(1, TOKENS_AT_ONCE / maxTokens);
        return tower.weightBytes() + tower.activationBytes(prompts, maxTokens);
    }

    /** Token ids of prompts, cleaned, cut and padded to {@link #maxTokens} as upstream's pipelines do it. */
    public TokenBatch tokens(List<String> prompts) {
        return tokenizer().batch(prompts.stream().map(setup.cleaner()::clean).toList(), maxTokens);
    }

    @Override
    public List<float[]> states(List<String> prompts) {
        List<String> distinct = List.copyOf(new LinkedHashSet<>(prompts));
        List<int[]> ids = distinct.stream()
                .map(prompt -> tokenizer().ids(setup.cleaner().clean(prompt), maxTokens))
                .toList();
        Integer[] byLength = new Integer[ids.size()];
        Arrays.setAll(byLength, i -> i);
        Arrays.sort(byLength, Comparator.comparingInt(i -> ids.get(i).length));
        Map<String, float[]> states = new HashMap<>();
        int from = 0;
        while (from < byLength.length) {
            int to = from + 1;
            while (to < byLength.length && (to + 1 - from) * ids.get(byLength[to]).length <= TOKENS_AT_ONCE) {
                to++;
            }
            List<int[]> batch = Arrays.stream(byLength, from, to).map(ids::get).toList();
            List<float[]> encoded = run(batch);
            for (int i = from; i < to; i++) {
                states.put(distinct.get(byLength[i]), encoded.get(i - from));
            }
            from = to;
        }
        return prompts.stream().map(states::get).toList();
    }

    /** States of prompts as upstream has them, {@link #maxTokens} rows with a mask; what stands at padding is zero here. */
    public List<PromptStates> paddedStates(List<String> prompts) {
        List<float[]> states = states(prompts);
        List<boolean[]> masks = tokens(prompts).masks();
        List<PromptStates> padded = new ArrayList<>();
        for (int b = 0; b < prompts.size(); b++) {
            float[] rows = new float[maxTokens * width()];
            int from = 0;
            for (int t = 0; t < maxTokens; t++) {
                if (masks.get(b)[t]) {
                    System.arraycopy(states.get(b), from, rows, t * width(), width());
                    from += width();
                }
            }
            padded.add(new PromptStates(rows, width(), masks.get(b)));
        }
        return padded;
    }

    private List<float[]> run(List<int[]> prompts) {
        int longest = prompts.getLast().length; // they come sorted by length
        if (longest == 0) {
            return prompts.stream().map(_ -> new float[0]).toList();
        }
        List<int[]> ids = new ArrayList<>();
        List<boolean[]> masks = new ArrayList<>();
        for (int[] prompt : prompts) {
            ids.add(Arrays.copyOf(prompt, longest));
            boolean[] mask = new boolean[longest];
            Arrays.fill(mask, 0, prompt.length, true);
            masks.add(mask);
        }
        float[] all = tower.run(ids, masks, (layer, states) -> {});
        int stride = longest * width();
        List<float[]> states = new ArrayList<>();
        for (int b = 0; b < prompts.size(); b++) {
            states.add(Arrays.copyOfRange(all, b * stride, b * stride + prompts.get(b).length * width()));
        }
        return states;
    }

    /** Gives the network's memory back until the next prompt. */
    public void release() {
        tower.release();
    }

    /** Frees memory and files. */
    @Override
    public void close() {
        tower.close();
        tokenizer.ifPresent(PublishedTokenizer::close);
        tokenizer = Optional.empty();
    }
}
