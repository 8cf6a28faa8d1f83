package mezzotint.text;

import java.lang.foreign.MemorySegment;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * Attention with capped scores, in plain loops on the host: upstream's pipelines leave the cap out, so that this is for
 * comparisons alone.
 *
 * <pre>P = softmax(c · tanh(scale·Q·Kᵀ / c) + mask)</pre>
 *
 * @param scale of the scores
 * @param cap c, &gt; 0
 * @see <a href="https://arxiv.org/abs/2408.00118">Gemma Team 2024, §2, logit soft-capping</a>
 */
record CappedAttention(float scale, float cap) {

    /** Queries (B, H, T, d), keys and values (B, K, T, d), mask (B, T, T) → (B, T, H·d); nothing seen gives zeros. */
    Tensor attend(Tape tape, Tensor queries, Tensor keys, Tensor values, Tensor mask) {
        int b = queries.shape().size(0);
        int h = queries.shape().size(1);
        int t = queries.shape().size(2);
        int d = queries.shape().size(3);
        int group = h / keys.shape().size(1);
        float[] q = queries.toFloats();
        float[] k = keys.toFloats();
        float[] v = values.toFloats();
        byte[] seen = new byte[b * t * t];
        mask.read(MemorySegment.ofArray(seen));
        float[] out = new float[b * t * h * d];
        for (int row = 0; row < b * h * t; row++) {
            int sample = row / (h * t);
            int head = row / t % h;
            int query = row % t;
            int firstKey = (sample * (h / group) + head / group) * t * d;
            double[] weights = weights(q, row * d, k, firstKey, new Row(seen, (sample * t + query) * t, t, d));
            int at = ((sample * t + query) * h + head) * d;
            for (int j = 0; j < t; j++) {
                for (int c = 0; c < d; c++) {
                    out[at + c] += (float) (weights[j] * v[firstKey + j * d + c]);
                }
            }
        }
        return tape.constant(out, b, t, (long) h * d);
    }

    /** A query's row of the mask, and sizes. */
    private record Row(byte[] seen, int from, int tokens, int width) {}

    private double[] weights(float[] q, int query, float[] k, int firstKey, Row row) {
        double[] weights = new double[row.tokens()];
        double sum = 0;
        for (int j = 0; j < weights.length; j++) {
            if (row.seen()[row.from() + j] != 0) {
                double score = 0;
                for (int c = 0; c < row.width(); c++) {
                    score += (double) q[query + c] * k[firstKey + j * row.width() + c];
                }
                weights[j] = Math.exp(cap * Math.tanh(score * scale / cap)); // at most e^cap: no maximum to subtract
                sum += weights[j];
            }
        }
        for (int j = 0; j < weights.length; j++) {
            weights[j] = sum == 0 ? 0 : weights[j] / sum;
        }
        return weights;
    }
}
