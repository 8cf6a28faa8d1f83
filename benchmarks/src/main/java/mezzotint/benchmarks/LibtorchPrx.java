package mezzotint.benchmarks;

import static org.bytedeco.pytorch.global.torch.addcmul;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.cos;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.silu;
import static org.bytedeco.pytorch.global.torch.sin;
import static org.bytedeco.pytorch.global.torch.view_as_complex;
import static org.bytedeco.pytorch.global.torch.view_as_real;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The PRX denoiser on libtorch's operators with autograd, as a PyTorch user who minds speed would write it.
 *
 * <p>Where PyTorch offers several forms the fastest on a CPU was taken: {@code addcmul} for modulation and gates,
 * a complex product for RoPE, flash attention with a mask that is broadcast over heads and queries.
 */
final class LibtorchPrx {
    private static final double EPS = 1e-6;

    private final PrxShape shape;
    private final Map<String, Tensor> weights;
    private final ScalarType dtype;
    private final Tensor rope; // complex (L, D/H/2)
    private final Tensor timeFrequencies; // (128)
    private final Tensor sizeFrequencies; // (64)
    private final TensorOptional none = new TensorOptional();

    /**
     * @param weights parameters by checkpoint name, of {@code dtype}; kept, not copied
     * @param dtype what activations are stored in between operators
     */
    LibtorchPrx(PrxShape shape, Map<String, Tensor> weights, ScalarType dtype) {
        this.shape = shape;
        this.weights = weights;
        this.dtype = dtype;
        this.rope = rotations();
        this.timeFrequencies = frequencies(128);
        this.sizeFrequencies = frequencies(64);
    }

    /** Weights from {@link Numbers}, wanting gradients. */
    static Map<String, Tensor> weights(PrxShape shape, ScalarType dtype) {
        Map<String, Tensor> all = new LinkedHashMap<>();
        shape.parameters().forEach((name, size) -> {
            Tensor weight = Tensor.create(Numbers.parameter(name, size), size).to(dtype);
            all.put(name, weight.set_requires_grad(true));
        });
        return all;
    }

    /** Keys and values of the text in one block, each {@code (B, H, T, D/H)}, keys normalised. */
    record TextKeys(Tensor keys, Tensor values) {}

    /** The text's keys and values in every block; they depend on the prompt alone. */
    TextKeys[] textKeys(Tensor text) {
        Tensor y = project("txt_in", text.to(dtype));
        TextKeys[] all = new TextKeys[shape.depth()];
        for (int i = 0; i < all.length; i++) {
            String at = "blocks." + i + ".attention.";
            Tensor kv = heads(linear(y, weight(at + "txt_kv_proj")), 2);
            Tensor keys = rmsNorm(kv.select(0, 0), weight(at + "norm_added_k")).to(dtype);
            all[i] = new TextKeys(keys, kv.select(0, 1));
        }
        return all;
    }

    /** The mask as attention wants it: {@code (B, 1, 1, T + L)} from {@code (B, T)}, true = attend. */
    Tensor attentionMask(Tensor textMask) {
        Tensor image = org.bytedeco
                .pytorch
                .global
                .torch
                .ones_like(textMask)
                .narrow(1, 0, 1)
                .expand(textMask.size(0), shape.tokens());
        return cat(new TensorVector(textMask, image), 1).unsqueeze(1).unsqueeze(1);
    }

    /** Velocity {@code (B, C, height, width)} at pictures x, times {@code (B)} and the text's keys. */
    Tensor forward(Tensor x, Tensor t, TextKeys[] text, TensorOptional mask) {
        Tensor image = patchify(x.to(dtype));
        image = shape.bottleneck() == 0 ? project("img_in", image) : project("img_in.1", project("img_in.0", image));
        Tensor vec = embed("time_in", sinusoid(t.mul(new Scalar(1000.0)), timeFrequencies));
        if (shape.resolution()) {
            vec = vec.add(embed("resolution_embedder.mlp", size()));
        }
        Tensor condition = silu(vec);
        for (int i = 0; i < shape.depth(); i++) {
            image = block("blocks." + i + ".", image, condition, text[i], mask);
        }
        TensorVector last = project("final_layer.adaLN_modulation.1", condition)
                .unsqueeze(1)
                .chunk(2, -1);
        return unpatchify(project("final_layer.linear", modulate(image, last.get(0), last.get(1))));
    }

    private Tensor block(String at, Tensor image, Tensor condition, TextKeys text, TensorOptional mask) {
        TensorVector m = project(at + "modulation.lin", condition).unsqueeze(1).chunk(6, -1);
        Tensor attended = attend(at + "attention.", modulate(image, m.get(0), m.get(1)), text, mask);
        Tensor x = addcmul(image, m.get(2), attended);
        Tensor f = modulate(x, m.get(3), m.get(4));
        Tensor gated = gelu(linear(f, weight(at + "gate_proj")), "tanh").mul(linear(f, weight(at + "up_proj")));
        return addcmul(x, m.get(5), linear(gated, weight(at + "down_proj")));
    }

    private Tensor attend(String at, Tensor x, TextKeys text, TensorOptional mask) {
        Tensor qkv = heads(linear(x, weight(at + "img_qkv_proj")), 3);
        Tensor q = rotate(rmsNorm(qkv.select(0, 0), weight(at + "norm_q"))).to(dtype);
        Tensor k = rotate(rmsNorm(qkv.select(0, 1), weight(at + "norm_k"))).to(dtype);
        Tensor keys = cat(new TensorVector(text.keys, k), 2);
        Tensor values = cat(new TensorVector(text.values, qkv.select(0, 2)), 2);
        Tensor out = scaled_dot_product_attention(q, keys, values, mask, 0, false, new DoubleOptional(), false);
        return linear(out.transpose(1, 2).flatten(2, 3), weight(at + "to_out.0"));
    }

    /** {@code (B, N, n · D)} as {@code (n, B, H, N, D/H)}. */
    private Tensor heads(Tensor x, int parts) {
        return x.view(x.size(0), x.size(1), parts, shape.heads(), shape.headWidth())
                .permute(2, 0, 3, 1, 4);
    }

    /** In float32, whatever comes in; the caller casts back. */
    private static Tensor rmsNorm(Tensor x, Tensor scale) {
        Tensor wide = x.to(ScalarType.Float);
        Tensor meanSquare = wide.square().mean(new long[] {-1}, true, new ScalarTypeOptional());
        return wide.mul(meanSquare.add(new Scalar(EPS)).rsqrt()).mul(scale);
    }

    private Tensor rotate(Tensor x) {
        long[] size = {x.size(0), x.size(1), x.size(2), x.size(3) / 2, 2};
        return view_as_real(view_as_complex(x.reshape(size)).mul(rope)).flatten(3, 4);
    }

    private Tensor modulate(Tensor x, Tensor shift, Tensor scale) {
        Tensor normal = layer_norm(x, new long[] {shape.hidden()}, none, none, EPS, false);
        return addcmul(shift, normal, scale.add(new Scalar(1.0)));
    }

    private Tensor project(String name, Tensor x) {
        return linear(x, weight(name), new TensorOptional(weights.get(name + ".bias")));
    }

    private Tensor weight(String name) {
        return weights.get(name + ".weight");
    }

    private Tensor embed(String name, Tensor wave) {
        return project(name + ".out_layer", silu(project(name + ".in_layer", wave.to(dtype))));
    }

    private static Tensor sinusoid(Tensor at, Tensor frequencies) {
        Tensor angle = at.unsqueeze(1).mul(frequencies);
        return cat(new TensorVector(cos(angle), sin(angle)), 1);
    }

    private Tensor size() {
        Tensor both = Tensor.create(new float[] {shape.height(), shape.width()}, 2);
        return sinusoid(both, sizeFrequencies).view(1, 256).expand(shape.batch(), 256);
    }

    private Tensor patchify(Tensor x) {
        int p = shape.patch();
        return x.view(x.size(0), shape.colours(), shape.height() / p, p, shape.width() / p, p)
                .permute(0, 2, 4, 1, 3, 5)
                .reshape(x.size(0), shape.tokens(), shape.patchWidth());
    }

    private Tensor unpatchify(Tensor x) {
        int p = shape.patch();
        return x.view(x.size(0), shape.height() / p, shape.width() / p, shape.colours(), p, p)
                .permute(0, 3, 1, 4, 2, 5)
                .reshape(x.size(0), shape.colours(), shape.height(), shape.width());
    }

    private Tensor rotations() {
        int columns = shape.width() / shape.patch();
        int quarter = shape.headWidth() / 4;
        float[] table = new float[shape.tokens() * shape.headWidth()];
        int at = 0;
        for (int token = 0; token < shape.tokens(); token++) {
            for (int axis : new int[] {token / columns, token % columns}) {
                for (int k = 0; k < quarter; k++) {
                    double angle = axis * Math.pow(10000, -(double) k / quarter);
                    table[at++] = (float) Math.cos(angle);
                    table[at++] = (float) Math.sin(angle);
                }
            }
        }
        return view_as_complex(Tensor.create(table, shape.tokens(), 2L * quarter, 2));
    }

    private static Tensor frequencies(int half) {
        float[] f = new float[half];
        for (int i = 0; i < half; i++) {
            f[i] = (float) Math.exp(-Math.log(10000) * i / half);
        }
        return Tensor.create(f, half);
    }
}
