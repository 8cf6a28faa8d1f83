package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** An activation function by itself. */
record ActivationLayer(Activation activation) implements Layer {
    @Override
    public Tensor forward(Tape tape, Tensor x) {
        return activation.of(tape, x);
    }

    @Override
    public Extent out(Extent in) {
        return in;
    }

    @Override
    public long peak(Extent in) {
        return in.bytes();
    }
}
