package mezzotint.latent;

import java.util.ArrayList;
import java.util.List;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Attention whose cost grows with the pixels, not with their square, through single pixels and through windows of them.
 *
 * <pre>
 * o_n = Σ_m (relu(q_n)·relu(k_m)) v_m / (Σ_m relu(q_n)·relu(k_m) + ε)        for each head
 * y   = x + norm(to_out([o of every head]))
 * </pre>
 *
 * The channels of q, k and v side by side, and what the windows make of them, are one row of numbers; each head takes the next 3d of
 * it as its q, k and v, as the checkpoints have it. Upstream sums over m in another order where there are at most d pixels; the
 * formula is the same.
 *
 * @see <a href="https://arxiv.org/abs/2205.14756">Cai et al. 2022, §3.1, EfficientViT's multi-scale linear attention</a>
 */
final class LinearAttentionLayer implements Layer {
    private static final float EPS = 1e-15f;

    /** Every channel through a window, then every third of a head mixed within itself. */
    private record Window(ConvolutionLayer depthwise, ConvolutionLayer grouped) {}

    private final int channels;
    private final int headWidth;
    private final List<Parameter> projections = new ArrayList<>();
    private final List<Window> windows = new ArrayList<>();
    private final Parameter outWeight;
    private final ChannelNormLayer norm;

    LinearAttentionLayer(Parameters scope, int channels, int headWidth, List<Integer> scales) {
        this.channels = channels;
        this.headWidth = headWidth;
        for (String name : List.of("to_q", "to_k", "to_v")) {
            projections.add(
                    scope.add(name + ".weight", Initialization.linear(channels), channels, channels));
        }
        int all = 3 * channels;
        for (int i = 0; i < scales.size(); i++) {
            Parameters window = scope.scope("to_qkv_multiscale." + i);
            windows.add(new Window(
                    ConvolutionLayer.unbiased(window.scope("proj_in"), all, all, scales.get(i), all),
                    ConvolutionLayer.unbiased(window.scope("proj_out"), all, all, 1, all / headWidth)));
        }
        int seen = channels * (1 + scales.size());
        outWeight = scope.add("to_out.weight", Initialization.linear(seen), channels, seen);
        norm = new ChannelNormLayer(scope.scope("norm_out"), channels);
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        Tensor seen = inner(tape, t -> attend(t, inner(t, u -> multiScale(u, x))));
        return tape.add(norm.forward(tape, tape.linear(seen, outWeight)), x);
    }

    /** Forgets what lies between, unless it is needed for gradients. */
    private static Tensor inner(Tape tape, java.util.function.Function<Tape, Tensor> block) {
        return tape.isRecording() ? block.apply(tape) : tape.checkpoint(block);
    }

    /** x (B, height, width, C) → q, k, v and the windows' versions of them, (B, height, width, 3C·(1 + windows)). */
    private Tensor multiScale(Tape tape, Tensor x) {
        Tensor[] parts = new Tensor[3];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = tape.linear(x, projections.get(i));
        }
        Tensor[] scales = new Tensor[1 + windows.size()];
        scales[0] = tape.encoders().concatenateLast(parts);
        for (int i = 0; i < windows.size(); i++) {
            Window window = windows.get(i);
            scales[i + 1] = window.grouped.forward(tape, window.depthwise.forward(tape, scales[0]));
        }
        return scales.length == 1 ? scales[0] : tape.encoders().concatenateLast(scales);
    }

    /** (B, height, width, H·3d) → (B, height, width, H·d). */
    private Tensor attend(Tape tape, Tensor all) {
        Shape s = all.shape();
        long d = headWidth;
        long pixels = s.dim(1) * s.dim(2);
        long heads = s.dim(3) / (3 * d);
        long count = s.dim(0) * heads;
        Tensor split = tape.encoders().permute(all.view(s.dim(0), pixels, heads, 3, d), 3, 0, 2, 1, 4);
        Tensor positive = tape.encoders().relu(split.rows(0, 2));
        Tensor query = positive.rows(0, 1).view(count, pixels, d);
        Tensor key = positive.rows(1, 2).view(count, pixels, d);
        Tensor value = split.rows(2, 3).view(count, pixels, d);
        Tensor context = tape.encoders().products(key, withOnes(tape, value), true, false); // (B·H, d, d + 1)
        Tensor sums = tape.encoders().products(query, context, false, false); // (B·H, pixels, d + 1)
        Tensor seen = tape.encoders().divideByLast(sums, EPS).view(s.dim(0), heads, pixels, d);
        return tape.encoders()
                .permute(seen, 0, 2, 1, 3)
                .view(s.dim(0), s.dim(1), s.dim(2), heads * d);
    }

    private static Tensor withOnes(Tape tape, Tensor value) {
        Tensor ones = tape.allocate(value.shape().withLast(1), DType.F32);
        float[] same = new float[Math.toIntExact(ones.shape().elements())];
        java.util.Arrays.fill(same, 1);
        return tape.encoders().concatenateLast(value, ones.set(same));
    }

    @Override
    public Extent out(Extent in) {
        return in;
    }

    @Override
    public long peak(Extent in) {
        int scales = 1 + windows.size();
        long one = in.bytes();
        long seen = scales * one;
        long all = 3 * seen;
        long multiScale = 6 * one + 6L * windows.size() * one + (scales == 1 ? 0 : all);
        long column = seen / headWidth; // the ones, and each further column of a head
        // split, positive, values with ones, context, sums, quotients, their permutation
        long attend = all + all + 2 * seen + seen + 2 * column + (seen + column) + 2 * seen
                + Extent.padded(4L * in.batch() * scales * channels * (headWidth + 1));
        long last = seen + one + norm.peak(in) + one;
        return Math.max(multiScale, Math.max(attend, last));
    }
}
