package mezzotint.text;

import java.util.List;
import java.util.OptionalInt;

/**
 * Shape of a published text encoder: a stack of pre-norm blocks with rotary positions and grouped queries.
 *
 * @param kind which family it is of
 * @param vocabulary V, rows of the embedding table
 * @param width D
 * @param hidden M, width inside the feed-forward part
 * @param heads H, of queries
 * @param keyHeads K, of keys and values; divides H
 * @param headWidth d, even
 * @param eps added to mean squares
 * @param theta base of the rotary frequencies
 * @param scale of attention scores
 * @param softCap c of the scores c·tanh(s/c), which upstream's usual attention leaves out
 * @param windows for each layer how far to each side a token sees, inclusive; empty for all
 */
record TowerConfig(
        Kind kind,
        int vocabulary,
        int width,
        int hidden,
        int heads,
        int keyHeads,
        int headWidth,
        float eps,
        double theta,
        float scale,
        float softCap,
        List<OptionalInt> windows) {

    /** The families. */
    enum Kind {
        /**
         * Encoder of T5Gemma: both directions, norms before and after, tanh-GELU gates.
         *
         * @see <a href="https://arxiv.org/abs/2504.06225">Zhang et al. 2025</a>
         */
        T5GEMMA("t5gemma"),

        /**
         * Language model of Qwen3-VL: causal, normalised queries and keys, SiLU gates.
         *
         * @see <a href="https://arxiv.org/abs/2511.21631">Bai et al. 2025</a>
         */
        QWEN3_VL("qwen3-vl");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** Its name in messages and checkpoints. */
        String label() {
            return label;
        }
    }

    TowerConfig {
        windows = List.copyOf(windows);
    }

    /** Number of layers. */
    int layers() {
        return windows.size();
    }

    /** Whether a token sees only itself and those before. */
    boolean isCausal() {
        return kind == Kind.QWEN3_VL;
    }

    /** What embeddings are multiplied by. */
    float embeddingScale() {
        return kind == Kind.T5GEMMA ? (float) Math.sqrt(width) : 1f;
    }
}
