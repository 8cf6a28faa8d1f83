package mezzotint.vision;

import java.util.Optional;
import mezzotint.autograd.HeadLayout;
import mezzotint.autograd.Tape;
import mezzotint.kernel.AttentionInputs;
import mezzotint.tensor.Tensor;

/**
 * Self-attention of every token to every token, perhaps with rotated queries and keys.
 *
 * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al. 2017, eq. 1</a>
 */
record VitAttention(VitLinear query, VitLinear key, VitLinear value, VitLinear output, VitShape shape) {

    /**
     * @param x (B, N, D)
     * @param rope (1, N, d/2, 2), pairs of neighbours
     * @return (B, N, D)
     */
    Tensor apply(Tape tape, Tensor x, Optional<Tensor> rope) {
        Tensor q = rotated(tape, heads(tape, query, x), rope);
        Tensor k = rotated(tape, heads(tape, key, x), rope);
        Tensor v = heads(tape, value, x);
        float scale = (float) (1 / Math.sqrt(shape.headWidth()));
        return output.apply(tape, tape.attention(new AttentionInputs(q, null, null, k, v, null, scale)));
    }

    private Tensor heads(Tape tape, VitLinear linear, Tensor x) {
        return tape.heads(linear.apply(tape, x), new HeadLayout(0, shape.heads(), shape.headWidth()));
    }

    private static Tensor rotated(Tape tape, Tensor heads, Optional<Tensor> rope) {
        return rope.map(table -> tape.rope(heads, table)).orElse(heads);
    }
}
