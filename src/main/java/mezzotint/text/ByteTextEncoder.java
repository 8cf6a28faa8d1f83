package mezzotint.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntBiFunction;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Encodes a prompt's UTF-8 bytes with a small transformer that is trained together with the denoiser: any language, nothing to
 * download.
 *
 * <pre>x_i = √D · (byte_i + position_i + case_i + Σ_n table_n[hash(bytes i−n+1 … i)])</pre>
 *
 * The hashed n-grams make words distinct from the first step on; case starts at zero, so that capitals mean nothing until
 * captions teach otherwise.
 *
 * @see <a href="https://arxiv.org/abs/2412.09871">Pagnoni et al. 2024, §3.2.1, eq. 2 to 4 (hash n-gram embeddings); ours has
 *     orders from 2 on and one table for each</a>
 */
public final class ByteTextEncoder implements TextEncoder {
    private static final int LENGTH_STEP = 8;
    private static final float EPS = 1e-6f;

    private final Config config;
    private final Parameter bytes;
    private final Parameter positions;
    private final Parameter letterCase;
    private final List<Parameter> ngrams = new ArrayList<>();
    private final List<ByteTextBlock> blocks = new ArrayList<>();
    private final Parameter norm;

    /**
     * Sizes of the encoder.
     *
     * @param width D, a multiple of {@code heads}
     * @param layers transformer blocks, ≥ 0
     * @param heads H
     * @param maxTokens the most tokens, begin token included: longer prompts are cut
     * @param longestNgram n-grams of 2 to so many bytes have embeddings; 1 for none
     * @param hashBuckets rows of each n-gram table
     */
    public record Config(int width, int layers, int heads, int maxTokens, int longestNgram, int hashBuckets) {
        /** For some thousand captions on a CPU: 2.0 million parameters, most of them rows that a step hardly reads. */
        public static final Config DEFAULT = new Config(128, 2, 4, 64, 4, 4096);

        /** @throws IllegalArgumentException when a size is out of range */
        public Config {
            if (width < 1 || layers < 0 || heads < 1 || width % heads != 0) {
                throw new IllegalArgumentException(
                        "byte text encoder: width %d, %d layers, %d heads: expected heads that divide the width"
                                .formatted(width, layers, heads));
            }
            if (maxTokens < 1 || longestNgram < 1 || hashBuckets < 1) {
                throw new IllegalArgumentException(
                        "byte text encoder: %d tokens, n-grams to %d, %d buckets: expected at least 1 of each"
                                .formatted(maxTokens, longestNgram, hashBuckets));
            }
        }

        /** Width of the feed-forward layers, ⌈8/3⌉ of the width to a multiple of 8, as usual for gated ones. */
        int hidden() {
            return (width * 8 / 3 + LENGTH_STEP - 1) / LENGTH_STEP * LENGTH_STEP;
        }
    }

    /** Makes the parameters, under the names given by {@code parameters}' scope. */
    public ByteTextEncoder(Config config, Parameters parameters) {
        this.config = config;
        int width = config.width();
        // Tables are small and scaled by √D (Vaswani et al. 2017, §3.4): rows are seldom read, and a step then moves
        // one by
        // √D learning rates. Each has one third or so of the variance, so that the sum is of the order of 1.
        var share = new Initialization.Normal(1 / Math.sqrt((1.0 + config.longestNgram()) * width));
        bytes = parameters.add("bytes.weight", share, BytePrompt.VOCABULARY, width);
        positions = parameters.add("positions.weight", share, config.maxTokens(), width);
        letterCase = parameters.add("case.weight", Initialization.zeros(), 2, width);
        for (int order = 2; order <= config.longestNgram(); order++) {
            ngrams.add(parameters.add("ngrams." + order + ".weight", share, config.hashBuckets(), width));
        }
        for (int i = 0; i < config.layers(); i++) {
            blocks.add(new ByteTextBlock(parameters.scope("blocks." + i), width, config.heads(), config.hidden()));
        }
        norm = parameters.add("norm.weight", Initialization.ones(), width);
    }

    /** Its sizes. */
    public Config config() {
        return config;
    }

    @Override
    public String name() {
        return "bytes-1";
    }

    @Override
    public int width() {
        return config.width();
    }

    @Override
    public int maxTokens() {
        return config.maxTokens();
    }

    /** {@inheritDoc} The length is rounded up to a multiple of 8 where that does not exceed {@link #maxTokens}. */
    @Override
    public TextTokens encode(Tape tape, List<String> prompts) {
        List<BytePrompt> cut = prompts.stream()
                .map(prompt -> BytePrompt.of(prompt, config.maxTokens()))
                .toList();
        int[] lengths = cut.stream().mapToInt(BytePrompt::length).toArray();
        int longest = cut.stream()
                .mapToInt(BytePrompt::length)
                .max()
                .orElseThrow(() -> new IllegalArgumentException("encode: expected at least one prompt, got none"));
        int padded = Math.min((longest + LENGTH_STEP - 1) / LENGTH_STEP * LENGTH_STEP, config.maxTokens());
        Tensor mask = TextTokens.mask(tape, lengths, padded);
        Tensor x = embed(tape, cut, padded);
        x = tape.scale(x, (float) Math.sqrt(config.width()));
        for (ByteTextBlock block : blocks) {
            x = block.forward(tape, x, mask);
        }
        return new TextTokens(tape.rmsNorm(x, norm, EPS), mask);
    }

    private Tensor embed(Tape tape, List<BytePrompt> prompts, int padded) {
        Tensor x = rows(tape, bytes, prompts, padded, (prompt, i) -> prompt.ids()[i]);
        x = tape.add(x, rows(tape, positions, prompts, padded, (prompt, i) -> i));
        x = tape.add(x, rows(tape, letterCase, prompts, padded, (prompt, i) -> prompt.upper()[i] ? 1 : 0));
        for (int n = 0; n < ngrams.size(); n++) {
            int order = n + 2;
            x = tape.add(
                    x,
                    rows(
                            tape,
                            ngrams.get(n),
                            prompts,
                            padded,
                            (prompt, i) -> prompt.bucket(i, order, config.hashBuckets())));
        }
        return x;
    }

    /** Rows of a table by position; padding, which nobody looks at, gets row 0. */
    private static Tensor rows(
            Tape tape,
            Parameter table,
            List<BytePrompt> prompts,
            int padded,
            ToIntBiFunction<BytePrompt, Integer> rowOf) {
        int[] index = new int[prompts.size() * padded];
        for (int b = 0; b < prompts.size(); b++) {
            BytePrompt prompt = prompts.get(b);
            for (int i = 0; i < prompt.length(); i++) {
                index[b * padded + i] = rowOf.applyAsInt(prompt, i);
            }
        }
        return tape.embed(
                table,
                tape.allocate(Shape.of(prompts.size(), padded), DType.I32).set(index));
    }
}
