package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/**
 * Half the resolution: a convolution, and by choice beside it means of the finer pixels and channels.
 *
 * @see <a href="https://arxiv.org/abs/2410.10733">Chen et al. 2024, figure 4, residual autoencoding</a>
 */
final class HalvingLayer implements Layer {
    private final ConvolutionLayer convolution;
    private final int out;
    private final boolean unshuffles;
    private final boolean shortcut;

    /** With {@code unshuffles} the convolution keeps the sides and a pixel unshuffle halves them. */
    HalvingLayer(Parameters scope, int in, int out, boolean unshuffles, boolean shortcut) {
        this.out = out;
        this.unshuffles = unshuffles;
        this.shortcut = shortcut;
        Parameters conv = scope.scope("conv");
        convolution = unshuffles
                ? ConvolutionLayer.same(conv, in, out / 4, 3)
                : ConvolutionLayer.halving(conv, in, out, true);
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        Tensor y = convolution.forward(tape, x);
        if (unshuffles) {
            y = Rearrangement.coarser(tape, y);
        }
        return shortcut ? tape.add(y, Rearrangement.average(tape, Rearrangement.coarser(tape, x), out)) : y;
    }

    @Override
    public Extent out(Extent in) {
        return in.halved().withChannels(out);
    }

    @Override
    public long peak(Extent in) {
        Extent coarse = in.halved().withChannels(4 * in.channels());
        long y = out(in).bytes();
        return (unshuffles ? 2 : 1) * y
                + (shortcut ? coarse.bytes() + Rearrangement.averageBytes(coarse, out) + y : 0);
    }
}
