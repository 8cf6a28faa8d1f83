package mezzotint.nn;

import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** <pre>y = W₂ · silu(W₁ · x + b₁) + b₂</pre> the two-layer embedder of time and resolution. */
public final class MlpEmbedder {
    private final Parameter inWeight;
    private final Parameter inBias;
    private final Parameter outWeight;
    private final Parameter outBias;

    /** Makes {@code in_layer} (in → width) and {@code out_layer} (width → width). */
    public MlpEmbedder(Parameters parameters, int in, int width) {
        inWeight = parameters.add("in_layer.weight", Initialization.linear(in), width, in);
        inBias = parameters.add("in_layer.bias", Initialization.linear(in), width);
        outWeight = parameters.add("out_layer.weight", Initialization.linear(width), width, width);
        outBias = parameters.add("out_layer.bias", Initialization.linear(width), width);
    }

    /** x (N, in) → (N, width). */
    public Tensor forward(Tape tape, Tensor x) {
        return tape.linear(tape.silu(tape.linear(x, inWeight, inBias)), outWeight, outBias);
    }
}
