package mezzotint.text;

import mezzotint.autograd.Tape;
import mezzotint.kernel.AttentionInputs;
import mezzotint.tensor.Tensor;

/** Self-attention of text in the terms of PRX's attention: the text is the masked text, and there are no image keys. */
final class TextAttention {
    private TextAttention() {}

    /** Query, keys and values (B, H, T, d), mask (B, T); scores are scaled by 1/√d. */
    static AttentionInputs among(Tape tape, Tensor query, Tensor keys, Tensor values, Tensor mask) {
        long b = query.shape().dim(0);
        long h = query.shape().dim(1);
        long d = query.shape().dim(3);
        Tensor none = tape.allocate(b, h, 0, d);
        return new AttentionInputs(query, keys, values, none, none, mask, (float) (1 / Math.sqrt(d)));
    }
}
