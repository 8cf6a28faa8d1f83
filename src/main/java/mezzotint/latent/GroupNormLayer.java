package mezzotint.latent;

import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/** Group normalisation, ε = 1e-6: {@code weight} (C), {@code bias} (C). */
final class GroupNormLayer implements Layer {
    private static final float EPS = 1e-6f;

    private final Parameter scale;
    private final Parameter shift;
    private final int groups;

    GroupNormLayer(Parameters scope, int channels, int groups) {
        this.scale = scope.add("weight", Initialization.ones(), channels);
        this.shift = scope.add("bias", Initialization.zeros(), channels);
        this.groups = groups;
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        return tape.encoders().groupNorm(x, groups, scale, shift, EPS);
    }

    @Override
    public Extent out(Extent in) {
        return in;
    }

    @Override
    public long peak(Extent in) {
        return in.bytes() + 2 * Extent.padded(in.batch() * groups * Float.BYTES);
    }
}
