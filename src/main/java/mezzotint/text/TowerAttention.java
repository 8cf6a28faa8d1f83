package mezzotint.text;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import mezzotint.autograd.Tape;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** Who sees whom in a batch of prompts, and the positions they are rotated by: made once, used by every layer. */
final class TowerAttention {
    private static final int WHOLE = Integer.MAX_VALUE;

    private final TowerConfig config;
    private final boolean capped;
    private final Tensor rope;
    private final Map<Integer, Tensor> masks = new TreeMap<>();

    /**
     * Makes masks and positions, which live as long as {@code tape}.
     *
     * @param masks for each prompt, true = real token
     * @param tokens T
     * @param capped whether scores are capped as the configuration says
     */
    TowerAttention(Tape tape, TowerConfig config, List<boolean[]> masks, int tokens, boolean capped) {
        this.config = config;
        this.capped = capped;
        this.rope = table(tape, config, tokens);
        for (OptionalInt window : config.windows()) {
            this.masks.computeIfAbsent(window.orElse(WHOLE), reach -> mask(tape, masks, tokens, reach));
        }
    }

    /** Cosines and sines (1, T, d/2, 2). */
    Tensor rope() {
        return rope;
    }

    /** Queries (B, H, T, d), keys and values (B, K, T, d) → (B, T, H·d). */
    Tensor attend(Tape tape, Tensor queries, Tensor keys, Tensor values, OptionalInt window) {
        Tensor mask = masks.get(window.orElse(WHOLE));
        return capped && config.softCap() > 0
                ? new CappedAttention(config.scale(), config.softCap()).attend(tape, queries, keys, values, mask)
                : tape.encoders().attention(queries, keys, values, mask, config.scale());
    }

    /** (B, T, T) of BOOL: key j is real, within reach of query i, and not after it where that matters. */
    private Tensor mask(Tape tape, List<boolean[]> real, int tokens, int reach) {
        boolean[] seen = new boolean[real.size() * tokens * tokens];
        int at = 0;
        for (boolean[] keys : real) {
            for (int i = 0; i < tokens; i++) {
                for (int j = 0; j < tokens; j++) {
                    seen[at++] = keys[j] && Math.abs(i - j) <= reach && !(config.isCausal() && j > i);
                }
            }
        }
        return tape.allocate(Shape.of(real.size(), tokens, tokens), DType.BOOL).set(seen);
    }

    private static Tensor table(Tape tape, TowerConfig config, int tokens) {
        int pairs = config.headWidth() / 2;
        float[] table = new float[tokens * pairs * 2];
        for (int t = 0; t < tokens; t++) {
            for (int k = 0; k < pairs; k++) {
                double angle = t * Math.pow(config.theta(), -2.0 * k / config.headWidth());
                table[(t * pairs + k) * 2] = (float) Math.cos(angle);
                table[(t * pairs + k) * 2 + 1] = (float) Math.sin(angle);
            }
        }
        return tape.constant(table, 1, tokens, pairs, 2);
    }
}
