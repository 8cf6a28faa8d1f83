package mezzotint.latent;

import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/**
 * <pre>y = shortcut(x) + conv2(silu(norm2(conv1(silu(norm1(x))))))</pre>
 *
 * The shortcut is a 1×1 convolution where the channels change, else nothing.
 *
 * @see <a href="https://arxiv.org/abs/2112.10752">Rombach et al. 2022, appendix E</a>
 */
final class ResnetLayer implements Layer {
    private final int out;
    private final GroupNormLayer norm1;
    private final ConvolutionLayer conv1;
    private final GroupNormLayer norm2;
    private final ConvolutionLayer conv2;
    private final Optional<ConvolutionLayer> shortcut;

    ResnetLayer(Parameters scope, int in, int out, int groups) {
        this.out = out;
        norm1 = new GroupNormLayer(scope.scope("norm1"), in, groups);
        conv1 = ConvolutionLayer.same(scope.scope("conv1"), in, out, 3);
        norm2 = new GroupNormLayer(scope.scope("norm2"), out, groups);
        conv2 = ConvolutionLayer.same(scope.scope("conv2"), out, out, 3);
        shortcut = in == out
                ? Optional.empty()
                : Optional.of(ConvolutionLayer.same(scope.scope("conv_shortcut"), in, out, 1));
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        Tensor y = half(tape, half(tape, x, norm1, conv1), norm2, conv2);
        return tape.add(shortcut.map(conv -> conv.forward(tape, x)).orElse(x), y);
    }

    private static Tensor half(Tape tape, Tensor x, GroupNormLayer norm, ConvolutionLayer conv) {
        if (tape.isRecording()) {
            return conv.forward(tape, tape.silu(norm.forward(tape, x)));
        }
        return tape.checkpoint(inner -> conv.forward(inner, inner.silu(norm.forward(inner, x))));
    }

    @Override
    public Extent out(Extent in) {
        return in.withChannels(out);
    }

    @Override
    public long peak(Extent in) {
        long y = out(in).bytes();
        long first = norm1.peak(in) + in.bytes() + y;
        long second = y + norm2.peak(out(in)) + 2 * y;
        long sum = (shortcut.isPresent() ? 4 : 3) * y;
        return Math.max(first, Math.max(second, sum));
    }
}
