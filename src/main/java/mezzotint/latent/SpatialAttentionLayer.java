package mezzotint.latent;

import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.AttentionInputs;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Every pixel asks every pixel, one head.
 *
 * <pre>y = x + to_out(softmax(q·kᵀ/√C)·v),    q, k, v of group_norm(x)</pre>
 *
 * @see <a href="https://arxiv.org/abs/2112.10752">Rombach et al. 2022, appendix E</a>
 */
final class SpatialAttentionLayer implements Layer {
    /** A linear layer with bias. */
    private record Linear(Parameter weight, Parameter bias) {
        static Linear of(Parameters scope, int width) {
            Initialization initialization = Initialization.linear(width);
            return new Linear(
                    scope.add("weight", initialization, width, width), scope.add("bias", initialization, width));
        }

        Tensor forward(Tape tape, Tensor x) {
            return tape.linear(x, weight, bias);
        }
    }

    private final GroupNormLayer norm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;

    SpatialAttentionLayer(Parameters scope, int channels, int groups) {
        norm = new GroupNormLayer(scope.scope("group_norm"), channels, groups);
        query = Linear.of(scope.scope("to_q"), channels);
        key = Linear.of(scope.scope("to_k"), channels);
        value = Linear.of(scope.scope("to_v"), channels);
        out = Linear.of(scope.scope("to_out.0"), channels);
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        Shape s = x.shape(); // (B, height, width, C)
        long pixels = s.dim(1) * s.dim(2);
        long channels = s.dim(3);
        Tensor normed = norm.forward(tape, x).view(s.dim(0), pixels, channels);
        Tensor[] heads = new Tensor[3]; // one head of C columns: a token's channels are its head
        Linear[] projections = {query, key, value};
        for (int i = 0; i < heads.length; i++) {
            heads[i] = projections[i].forward(tape, normed).view(s.dim(0), 1, pixels, channels);
        }
        float scale = (float) (1 / Math.sqrt((double) channels));
        Tensor seen = tape.attention(new AttentionInputs(heads[0], null, null, heads[1], heads[2], null, scale));
        return tape.add(x, out.forward(tape, seen).view(s.dims()));
    }

    @Override
    public Extent out(Extent in) {
        return in;
    }

    @Override
    public long peak(Extent in) {
        return norm.peak(in) + 6 * in.bytes() + in.pixelBytes(); // q, k, v, seen, out, sum; a log-sum-exp a query
    }
}
