package mezzotint.text;

import mezzotint.autograd.HeadLayout;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/**
 * A pre-norm transformer block.
 *
 * <pre>
 * h = x + attention(rms(x))·Woᵀ
 * y = h + (gelu(rms(h)·Wgᵀ) ⊙ rms(h)·Wuᵀ)·Wdᵀ
 * </pre>
 */
final class ByteTextBlock {
    private static final float EPS = 1e-6f;

    private final int width;
    private final int heads;
    private final Parameter attentionNorm;
    private final Parameter qkv;
    private final Parameter out;
    private final Parameter mlpNorm;
    private final Parameter gate;
    private final Parameter up;
    private final Parameter down;

    ByteTextBlock(Parameters parameters, int width, int heads, int hidden) {
        this.width = width;
        this.heads = heads;
        Initialization fromWidth = Initialization.linear(width);
        attentionNorm = parameters.add("attention_norm.weight", Initialization.ones(), width);
        qkv = parameters.add("qkv.weight", fromWidth, 3L * width, width);
        out = parameters.add("attention_out.weight", fromWidth, width, width);
        mlpNorm = parameters.add("mlp_norm.weight", Initialization.ones(), width);
        gate = parameters.add("gate.weight", fromWidth, hidden, width);
        up = parameters.add("up.weight", fromWidth, hidden, width);
        down = parameters.add("down.weight", Initialization.linear(hidden), width, hidden);
    }

    /** x (B, T, D), mask (B, T) → (B, T, D). */
    Tensor forward(Tape tape, Tensor x, Tensor mask) {
        Tensor h = tape.add(x, tape.linear(attend(tape, tape.rmsNorm(x, attentionNorm, EPS), mask), out));
        Tensor normed = tape.rmsNorm(h, mlpNorm, EPS);
        Tensor hidden = tape.geglu(tape.linear(normed, gate), tape.linear(normed, up));
        return tape.add(h, tape.linear(hidden, down));
    }

    private Tensor attend(Tape tape, Tensor x, Tensor mask) {
        Tensor fused = tape.linear(x, qkv);
        Tensor[] parts = new Tensor[3]; // each (B, H, T, d)
        for (int i = 0; i < parts.length; i++) {
            parts[i] = tape.heads(fused, new HeadLayout(i * width, heads, width / heads));
        }
        return tape.attention(TextAttention.among(tape, parts[0], parts[1], parts[2], mask));
    }
}
