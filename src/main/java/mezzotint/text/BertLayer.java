package mezzotint.text;

import mezzotint.autograd.HeadLayout;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * One post-norm block of BERT.
 *
 * <pre>
 * h = LN(x + attention(x)·Woᵀ + bo)
 * y = LN(h + gelu(h·W₁ᵀ + b₁)·W₂ᵀ + b₂)
 * </pre>
 *
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019, §3</a>
 */
final class BertLayer {
    private final BertConfig config;
    private final Parameter qkvWeight;
    private final Parameter qkvBias;
    private final Parameter outWeight;
    private final Parameter outBias;
    private final BertNorm attentionNorm;
    private final Parameter inWeight;
    private final Parameter inBias;
    private final Parameter downWeight;
    private final Parameter downBias;
    private final BertNorm outputNorm;

    BertLayer(BertConfig config, BertWeights weights, int index) {
        this.config = config;
        int d = config.width();
        int m = config.hidden();
        String[] qkv = {"attention.self.query", "attention.self.key", "attention.self.value"};
        for (int i = 0; i < qkv.length; i++) {
            qkv[i] = BertNames.layer(index, qkv[i]);
        }
        qkvWeight = weights.stackedMatrices(qkv, d, d);
        qkvBias = weights.stackedVectors(qkv, d);
        String out = BertNames.layer(index, "attention.output.dense");
        outWeight = weights.matrix(out, d, d);
        outBias = weights.vector(out + ".bias", d);
        attentionNorm = new BertNorm(weights, BertNames.layer(index, "attention.output.LayerNorm"), config);
        String in = BertNames.layer(index, "intermediate.dense");
        inWeight = weights.matrix(in, m, d);
        inBias = weights.vector(in + ".bias", m);
        String down = BertNames.layer(index, "output.dense");
        downWeight = weights.matrix(down, d, m);
        downBias = weights.vector(down + ".bias", d);
        outputNorm = new BertNorm(weights, BertNames.layer(index, "output.LayerNorm"), config);
    }

    /** x (B, T, D), mask (B, T) → (B, T, D). */
    Tensor forward(Tape tape, Tensor x, Tensor mask) {
        Tensor h = attentionNorm.forward(tape, tape.add(x, attend(tape, x, mask)));
        Tensor hidden = tape.gelu(tape.linear(h, inWeight, inBias));
        return outputNorm.forward(tape, tape.add(h, tape.linear(hidden, downWeight, downBias)));
    }

    private Tensor attend(Tape tape, Tensor x, Tensor mask) {
        Tensor qkv = tape.linear(x, qkvWeight, qkvBias);
        Tensor[] parts = new Tensor[3]; // each (B, H, T, d)
        for (int i = 0; i < parts.length; i++) {
            parts[i] = tape.heads(qkv, new HeadLayout(i * config.width(), config.heads(), config.headWidth()));
        }
        Tensor attended = tape.attention(TextAttention.among(tape, parts[0], parts[1], parts[2], mask));
        return tape.linear(attended, outWeight, outBias);
    }
}
