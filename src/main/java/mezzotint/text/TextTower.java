package mezzotint.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * The network of a published text encoder, T5Gemma's encoder or Qwen3-VL's language model, on our own tensors.
 *
 * <p>Weights stay in their mapped file. All layers are copied to the device where they fit the given memory; otherwise one
 * after the other passes through it at every run. Memory is taken at the first run. Not safe for several threads.
 */
public final class TextTower implements AutoCloseable {
    /**
     * How a tower runs.
     *
     * @param weightBytes memory on the device for weights; a layer's own size at least is taken
     * @param matrixType to round matrices and embeddings to, F32 or BF16; empty to keep the stored type
     * @param softCapping whether attention's scores are capped where the configuration says so, slowly; upstream's pipelines
     *     do not
     */
    public record Options(long weightBytes, Optional<DType> matrixType, boolean softCapping) {
        /** Everything in memory, as stored, as upstream's pipelines run it. */
        public static final Options DEFAULT = new Options(Long.MAX_VALUE, Optional.empty(), false);

        /** @throws IllegalArgumentException where the type is another */
        public Options {
            if (matrixType.isPresent() && matrixType.get() != DType.F32 && matrixType.get() != DType.BF16) {
                throw new IllegalArgumentException(
                        "text encoder: matrices of %s, expected F32 or BF16".formatted(matrixType.get()));
            }
        }
    }

    /** Told about the states as they pass through the layers. */
    @FunctionalInterface
    public interface Tap {
        /**
         * Sees states.
         *
         * @param layer −1 for the embeddings, then from 0
         * @param states (B, T, D); undefined once this returns
         */
        void see(int layer, Tensor states);
    }

    private final Device device;
    private final WeightsFolder folder;
    private final TowerConfig config;
    private final TowerWeights weights;
    private final EmbeddingRows embeddings;
    private final Options options;
    private final List<TowerLayer> resident = new ArrayList<>();
    private Optional<TensorArena> arena = Optional.empty();

    private TextTower(Device device, WeightsFolder folder, Options options) {
        this.device = device;
        this.folder = folder;
        this.options = options;
        config = TowerConfigJson.read(folder.folder().resolve("config.json"), folder.config());
        weights = new TowerWeights(config, folder.weights(), options.matrixType());
        embeddings = weights.embeddings();
    }

    /**
     * Opens a folder as transformers writes it.
     *
     * @param device where it runs
     * @param folder with {@code config.json} and safetensors, such as {@code pipeline/text_encoder}
     * @throws mezzotint.io.FileReadException where a file is missing
     * @throws TextFormatException where the configuration or a tensor is not what it should be
     */
    public static TextTower open(Device device, Path folder, Options options) {
        WeightsFolder opened = WeightsFolder.open(folder);
        try {
            return new TextTower(device, opened, options);
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /** Family and width, such as {@code t5gemma-2304}. */
    public String name() {
        return config.kind().label() + "-" + config.width();
    }

    /** D. */
    public int width() {
        return config.width();
    }

    /** Bytes of weights that it takes on the device. */
    public long weightBytes() {
        return isResident() ? residentBytes() : weights.layerBytes();
    }

    private long residentBytes() {
        return config.layers() * weights.layerBytes();
    }

    private boolean isResident() {
        return residentBytes() <= options.weightBytes();
    }

    /** Bytes of activations for {@code prompts} of {@code tokens} tokens, from above. */
    public long activationBytes(int prompts, int tokens) {
        long rows = (long) prompts * tokens;
        long heads = (2L * config.heads() + 4L * config.keyHeads()) * config.headWidth() * 2;
        long perRow = 12L * config.width() + 4L * config.hidden() + heads + 8L * config.heads();
        long scores = (long) prompts * config.heads() * tokens * tokens;
        long masks = 2L * rows * tokens;
        return (rows * perRow + scores) * Float.BYTES + masks + (long) tokens * config.headWidth() * 4 + (1 << 16);
    }

    /**
     * Runs it.
     *
     * @param ids for each prompt T token ids
     * @param masks for each prompt T entries, true = real token; what stands at others is undefined, but finite
     * @param tap sees the states before the last normalisation
     * @return (B, T, D), row-major
     * @throws IllegalArgumentException where an id is beyond the vocabulary, or lengths differ
     */
    public float[] run(List<int[]> ids, List<boolean[]> masks, Tap tap) {
        check(ids, masks);
        int tokens = ids.getFirst().length;
        try (TensorArena activations = device.arena(activationBytes(ids.size(), tokens));
                Tape tape = Tape.inference(device.kernels(), activations)) {
            Tensor x = tape.constant(embed(ids, tokens), ids.size(), tokens, config.width());
            tap.see(-1, x);
            var attention = new TowerAttention(tape, config, masks, tokens, options.softCapping());
            for (int i = 0; i < config.layers(); i++) {
                runLayer(i, x, attention, activations);
                tap.see(i, x);
            }
            return finish(tape, x);
        }
    }

    private void runLayer(int index, Tensor x, TowerAttention attention, TensorArena activations) {
        TensorArena memory = memory();
        long mark = memory.mark();
        TowerLayer layer = isResident() ? resident.get(index) : new TowerLayer(weights, memory, index);
        try (Tape inner = Tape.inference(device.kernels(), activations)) {
            x.copyFrom(layer.forward(inner, x, attention));
        }
        device.synchronize(); // the next layer is written over this one
        memory.release(mark);
    }

    private float[] finish(Tape tape, Tensor x) {
        TensorArena memory = memory();
        long mark = memory.mark();
        Parameter norm = weights.norm(memory, TowerWeights.NORM);
        float[] states = tape.rmsNorm(x, norm, config.eps()).toFloats();
        memory.release(mark);
        return states;
    }

    private TensorArena memory() {
        if (arena.isEmpty()) {
            TensorArena fresh = device.arena(weightBytes() + 2L * config.width() * Float.BYTES + 128);
            arena = Optional.of(fresh);
            if (isResident()) {
                for (int i = 0; i < config.layers(); i++) {
                    resident.add(new TowerLayer(weights, fresh, i));
                }
            }
        }
        return arena.get();
    }

    private float[] embed(List<int[]> ids, int tokens) {
        int d = config.width();
        float[] rows = new float[ids.size() * tokens * d];
        for (int b = 0; b < ids.size(); b++) {
            for (int t = 0; t < tokens; t++) {
                embeddings.addRow(ids.get(b)[t], rows, (b * tokens + t) * d);
            }
        }
        float scale = config.embeddingScale();
        for (int i = 0; i < rows.length; i++) {
            rows[i] *= scale;
        }
        return rows;
    }

    private void check(List<int[]> ids, List<boolean[]> masks) {
        if (ids.isEmpty() || ids.size() != masks.size()) {
            throw new IllegalArgumentException("%s: expected a mask for each of at least one prompt, got %d and %d"
                    .formatted(name(), masks.size(), ids.size()));
        }
        for (int b = 0; b < ids.size(); b++) {
            if (ids.get(b).length != ids.getFirst().length || masks.get(b).length != ids.getFirst().length) {
                throw new IllegalArgumentException(
                        "%s: prompt %d has %d ids and %d mask entries, expected %d of each"
                                .formatted(
                                        name(), b, ids.get(b).length, masks.get(b).length, ids.getFirst().length));
            }
            for (int id : ids.get(b)) {
                if (id < 0 || id >= config.vocabulary()) {
                    throw new IllegalArgumentException(
                            "%s: token id %d is not among its %d; does the tokenizer belong to this encoder?"
                                    .formatted(name(), id, config.vocabulary()));
                }
            }
        }
    }

    /** Gives the weights' memory back, to be taken again at the next run. */
    public void release() {
        resident.clear();
        arena.ifPresent(TensorArena::close);
        arena = Optional.empty();
    }

    /** Frees memory and unmaps the weights. */
    @Override
    public void close() {
        release();
        folder.close();
    }
}
