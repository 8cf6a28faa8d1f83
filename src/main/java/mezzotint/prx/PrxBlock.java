package mezzotint.prx;

import java.util.Optional;
import java.util.function.Function;
import mezzotint.autograd.HeadLayout;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.AttentionInputs;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/** One transformer block: image queries over text and image keys, then a gated MLP, both modulated by the time vector. */
final class PrxBlock {
    static final float EPS = 1e-6f;

    private final int hidden;
    private final int heads;
    private final int headWidth;
    private final Parameter imgQkv;
    private final Parameter txtKv;
    private final Parameter attentionOut;
    private final Parameter normQuery;
    private final Parameter normKey;
    private final Parameter normTextKey;
    private final Parameter gate;
    private final Parameter up;
    private final Parameter down;
    private final Parameter modulationWeight;
    private final Parameter modulationBias;

    /** What the six chunks of the modulation do to one of the two branches. */
    private record Modulation(Tensor shift, Tensor scale, Tensor gate) {
        Tensor of(Tape tape, Tensor x) {
            return tape.adaLayerNorm(x, shift, scale, EPS);
        }
    }

    PrxBlock(PrxConfig config, Parameters parameters) {
        hidden = config.hiddenSize();
        heads = config.heads();
        headWidth = config.headWidth();
        int h = hidden;
        int m = config.mlpWidth();
        Parameters attention = parameters.scope("attention");
        imgQkv = attention.add("img_qkv_proj.weight", Initialization.linear(h), 3L * h, h);
        txtKv = attention.add("txt_kv_proj.weight", Initialization.linear(h), 2L * h, h);
        normQuery = attention.add("norm_q.weight", Initialization.ones(), headWidth);
        normKey = attention.add("norm_k.weight", Initialization.ones(), headWidth);
        normTextKey = attention.add("norm_added_k.weight", Initialization.ones(), headWidth);
        attentionOut = attention.add("to_out.0.weight", Initialization.linear(h), h, h);
        gate = parameters.add("gate_proj.weight", Initialization.linear(h), m, h);
        up = parameters.add("up_proj.weight", Initialization.linear(h), m, h);
        down = parameters.add("down_proj.weight", Initialization.linear(m), h, m);
        modulationWeight = parameters.add("modulation.lin.weight", Initialization.zeros(), 6L * h, h);
        modulationBias = parameters.add("modulation.lin.bias", Initialization.zeros(), 6L * h);
    }

    /** Keys and values of the projected text (B, T, D), each (B, H, T, d): they depend on the prompt alone. */
    record TextKeysValues(Tensor keys, Tensor values) {}

    TextKeysValues text(Tape tape, Tensor projected) {
        Tensor kv = tape.linear(projected, txtKv);
        return new TextKeysValues(
                tape.heads(kv, new HeadLayout(0, heads, headWidth), normTextKey, EPS),
                tape.heads(kv, new HeadLayout(hidden, heads, headWidth)));
    }

    /**
     * @param img (B, L, D)
     * @param activated silu of the time vector, (B, D)
     * @param rope (1, L, d/2, 2)
     */
    Tensor forward(Tape tape, Tensor img, Tensor activated, Tensor rope, TextKeysValues text, Optional<Tensor> mask) {
        Tensor[] m = tape.chunk(tape.linear(activated, modulationWeight, modulationBias), 6);
        var attention = new Modulation(m[0], m[1], m[2]);
        var mlp = new Modulation(m[3], m[4], m[5]);
        Tensor x = scoped(tape, inner -> {
            Tensor attended = attend(inner, attention.of(inner, img), rope, text, mask);
            return inner.gatedResidual(img, attention.gate, attended);
        });
        Tensor modulated = mlp.of(tape, x);
        Tensor activatedUp = tape.geglu(tape.linear(modulated, gate), tape.linear(modulated, up));
        return tape.gatedResidual(x, mlp.gate, tape.linear(activatedUp, down));
    }

    /** Where nothing is recorded, the attention's memory is free again for the MLP's. */
    private static Tensor scoped(Tape tape, Function<Tape, Tensor> branch) {
        return tape.isRecording() ? branch.apply(tape) : tape.checkpoint(branch);
    }

    private Tensor attend(Tape tape, Tensor x, Tensor rope, TextKeysValues text, Optional<Tensor> mask) {
        Tensor qkv = tape.linear(x, imgQkv);
        Tensor query = tape.heads(qkv, new HeadLayout(0, heads, headWidth), normQuery, rope, EPS);
        Tensor keys = tape.heads(qkv, new HeadLayout(hidden, heads, headWidth), normKey, rope, EPS);
        Tensor values = tape.heads(qkv, new HeadLayout(2 * hidden, heads, headWidth));
        float scale = (float) (1 / Math.sqrt(headWidth));
        Tensor out = tape.attention(
                new AttentionInputs(query, text.keys, text.values, keys, values, mask.orElse(null), scale));
        return tape.linear(out, attentionOut);
    }
}
