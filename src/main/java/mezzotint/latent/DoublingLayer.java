package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Twice the resolution: a convolution, and by choice beside it the coarser channels spread over the finer pixels.
 *
 * @see <a href="https://arxiv.org/abs/2410.10733">Chen et al. 2024, figure 4, residual autoencoding</a>
 */
final class DoublingLayer implements Layer {
    private final ConvolutionLayer convolution;
    private final int out;
    private final boolean shuffles;
    private final boolean shortcut;

    /** With {@code shuffles} the convolution makes 4 times the channels and a pixel shuffle the resolution. */
    DoublingLayer(Parameters scope, int in, int out, boolean shuffles, boolean shortcut) {
        this.out = out;
        this.shuffles = shuffles;
        this.shortcut = shortcut;
        convolution = ConvolutionLayer.same(scope.scope("conv"), in, shuffles ? 4 * out : out, 3);
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        Tensor y;
        if (tape.isRecording()) {
            y = doubled(tape, x);
        } else {
            y = tape.checkpoint(inner -> doubled(inner, x));
        }
        return shortcut ? tape.add(y, spread(tape, x)) : y;
    }

    private Tensor doubled(Tape tape, Tensor x) {
        return shuffles
                ? Rearrangement.finer(tape, convolution.forward(tape, x))
                : convolution.forward(tape, Rearrangement.nearestTwice(tape, x));
    }

    /** Channels repeated to 4 times {@link #out}, then a pixel shuffle; without the repetitions where they can be told. */
    private Tensor spread(Tape tape, Tensor x) {
        Shape s = x.shape();
        long in = s.dim(3);
        if (out % in == 0) { // all four pixels alike
            return Rearrangement.nearestTwice(tape, Rearrangement.repeat(tape, x, out));
        }
        if (in == 2L * out) { // a channel for the upper two, one for the lower two
            Tensor pairs = x.view(s.dim(0) * s.dim(1), s.dim(2), out, 2);
            Tensor rows = tape.encoders().permute(pairs, 0, 3, 1, 2).view(2 * s.dim(0) * s.dim(1) * s.dim(2), out);
            return tape.encoders().concatenateLast(rows, rows).view(s.dim(0), 2 * s.dim(1), 2 * s.dim(2), out);
        }
        return Rearrangement.finer(tape, Rearrangement.repeat(tape, x, 4 * out));
    }

    @Override
    public Extent out(Extent in) {
        return in.finer(2).withChannels(out);
    }

    @Override
    public long peak(Extent in) {
        long y = out(in).bytes();
        long doubled = shuffles ? 2 * y : Rearrangement.nearestTwiceBytes(in) + y;
        long spread = out % in.channels() == 0 ? y + y / 2 + (out == in.channels() ? 0 : y / 4) : 2 * y;
        return Math.max(doubled, shortcut ? 2 * y + spread : 0);
    }
}
