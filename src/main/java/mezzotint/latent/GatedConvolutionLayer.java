package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/**
 * A gated MLP that sees its neighbours, 4 times as wide inside.
 *
 * <pre>
 * [a | g] = conv_depth(silu(conv_inverted(x)))
 * y       = x + norm(conv_point(a · silu(g)))
 * </pre>
 *
 * @see <a href="https://arxiv.org/abs/2410.10629">Xie et al. 2024, §2.2, Mix-FFN</a>
 */
final class GatedConvolutionLayer implements Layer {
    private static final int EXPANSION = 4;

    private final int inner;
    private final ConvolutionLayer inverted;
    private final ConvolutionLayer depthwise;
    private final ConvolutionLayer point;
    private final ChannelNormLayer norm;

    GatedConvolutionLayer(Parameters scope, int channels) {
        inner = EXPANSION * channels;
        inverted = ConvolutionLayer.same(scope.scope("conv_inverted"), channels, 2 * inner, 1);
        depthwise = ConvolutionLayer.depthwise(scope.scope("conv_depth"), 2 * inner);
        point = ConvolutionLayer.unbiased(scope.scope("conv_point"), inner, channels, 1, 1);
        norm = new ChannelNormLayer(scope.scope("norm"), channels);
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        Tensor both = tape.isRecording() ? wide(tape, x) : tape.checkpoint(t -> wide(t, x));
        Tensor kept = tape.encoders().sliceLast(both, 0, inner);
        Tensor gate = tape.silu(tape.encoders().sliceLast(both, inner, 2L * inner));
        Tensor y = point.forward(tape, tape.encoders().multiply(kept, gate));
        return tape.add(norm.forward(tape, y), x);
    }

    private Tensor wide(Tape tape, Tensor x) {
        return depthwise.forward(tape, tape.silu(inverted.forward(tape, x)));
    }

    @Override
    public Extent out(Extent in) {
        return in;
    }

    @Override
    public long peak(Extent in) {
        long half = in.withChannels(inner).bytes();
        return Math.max(6 * half, 2 * half + 4 * half + 2 * in.bytes() + norm.peak(in));
    }
}
