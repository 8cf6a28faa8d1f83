package mezzotint.latent;

import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/** RMS normalisation of a pixel's channels with a shift, ε = 1e-5: {@code weight} (C), {@code bias} (C). */
final class ChannelNormLayer implements Layer {
    private static final float EPS = 1e-5f;

    private final Parameter scale;
    private final Parameter shift;

    ChannelNormLayer(Parameters scope, int channels) {
        this.scale = scope.add("weight", Initialization.ones(), channels);
        this.shift = scope.add("bias", Initialization.zeros(), channels);
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        return tape.encoders().scaleShift(tape.rmsNorm(x, scale, EPS), null, shift);
    }

    @Override
    public Extent out(Extent in) {
        return in;
    }

    @Override
    public long peak(Extent in) {
        return 2 * in.bytes() + in.pixelBytes();
    }
}
