package mezzotint.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.io.SafeTensors;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** The frozen network of BERT: embeddings and the layers its configuration counts. */
final class BertNetwork {
    private final BertConfig config;
    private final EmbeddingRows words;
    private final EmbeddingRows positions;
    private final EmbeddingRows segments;
    private final BertNorm embeddingNorm;
    private final List<BertLayer> layers = new ArrayList<>();

    /**
     * Copies the layers' weights into {@code arena}; the embeddings are read from the file while it is open.
     *
     * @param arena of {@link BertWeights#layerBytes} bytes or more
     * @throws mezzotint.io.MissingTensorException where a tensor is missing
     * @throws mezzotint.tensor.ShapeMismatchException where one has another shape than the configuration says
     */
    BertNetwork(BertConfig config, SafeTensors tensors, TensorArena arena) {
        this.config = config;
        BertWeights weights = new BertWeights(tensors, arena);
        int d = config.width();
        words = new EmbeddingRows(weights.stored(BertNames.WORDS, config.vocabulary(), d));
        positions = new EmbeddingRows(weights.stored(BertNames.POSITIONS, config.positions(), d));
        segments = new EmbeddingRows(weights.stored(BertNames.SEGMENTS, 2, d));
        embeddingNorm = new BertNorm(weights, BertNames.EMBEDDING_NORM, config);
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new BertLayer(config, weights, i));
        }
    }

    /** Bytes of activations that {@code tokens} tokens take, padding included. */
    static long activationBytes(BertConfig config, long tokens) {
        long perToken = (20L + config.layers()) * config.width() + 2L * config.hidden() + 4L * config.heads();
        return tokens * perToken * Float.BYTES + 64 * 1024;
    }

    /** States (B, T, D) after the last layer, of prompts padded to T tokens; what stands at padding is undefined. */
    Tensor forward(Tape tape, List<int[]> prompts) {
        int[] lengths = prompts.stream().mapToInt(ids -> ids.length).toArray();
        int longest = Arrays.stream(lengths).max().orElseThrow();
        Tensor mask = TextTokens.mask(tape, lengths, longest);
        Tensor embedded = tape.constant(embed(prompts, longest), lengths.length, longest, config.width());
        Tensor x = embeddingNorm.forward(tape, embedded);
        for (BertLayer layer : layers) {
            Tensor in = x;
            x = tape.checkpoint(inner -> layer.forward(inner, in, mask));
        }
        return x;
    }

    private float[] embed(List<int[]> prompts, int longest) {
        int d = config.width();
        float[] sums = new float[prompts.size() * longest * d];
        for (int b = 0; b < prompts.size(); b++) {
            int[] ids = prompts.get(b);
            for (int t = 0; t < ids.length; t++) {
                int at = (b * longest + t) * d;
                words.addRow(ids[t], sums, at);
                positions.addRow(t, sums, at);
                segments.addRow(0, sums, at);
            }
        }
        return sums;
    }
}
