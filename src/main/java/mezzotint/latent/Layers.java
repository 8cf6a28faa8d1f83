package mezzotint.latent;

import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** Layers one after another; what a layer has read is freed before the next begins, unless the tape records. */
record Layers(List<Layer> layers) implements Layer {
    Layers {
        layers = List.copyOf(layers);
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        if (!tape.isRecording()) {
            return first(tape, x, layers.size());
        }
        Tensor y = x;
        for (Layer layer : layers) {
            y = layer.forward(tape, y);
        }
        return y;
    }

    /** Nested, so that every result is moved to where the first began: a chain would keep all of them to its end. */
    private Tensor first(Tape tape, Tensor x, int count) {
        return count == 0
                ? x
                : tape.checkpoint(inner -> layers.get(count - 1).forward(inner, first(inner, x, count - 1)));
    }

    @Override
    public Extent out(Extent in) {
        Extent out = in;
        for (Layer layer : layers) {
            out = layer.out(out);
        }
        return out;
    }

    @Override
    public long peak(Extent in) {
        long peak = 0;
        long held = 0; // what the first layer reads lies elsewhere
        Extent x = in;
        for (Layer layer : layers) {
            peak = Math.max(peak, held + layer.peak(x));
            x = layer.out(x);
            held = x.bytes();
        }
        return peak;
    }
}
