package mezzotint.prx;

import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** <pre>out = W · [dense | deep] + b</pre> for every token; where no deep feature was computed a mask token stands for it. */
final class SprintFusion {
    private final Parameter weight;
    private final Parameter bias;
    private final Parameter maskToken;
    private final int width;

    SprintFusion(PrxExtensions.Sprint sprint, int width, Parameters parameters) {
        this.width = width;
        weight = parameters.add("sprint_fuse.weight", Initialization.linear(2L * width), width, 2L * width);
        bias = parameters.add("sprint_fuse.bias", Initialization.linear(2L * width), width);
        maskToken = sprint.learnableMask()
                ? parameters.add("sprint_mask_token", Initialization.zeros(), 1, 1, width)
                : parameters.addBuffer("sprint_mask_token", Initialization.zeros(), 1, 1, width);
    }

    /** Mask tokens (B, count, D). */
    Tensor maskTokens(Tape tape, int batch, int count) {
        Tensor value = maskToken.value().view(1, width);
        Parameter table = maskToken
                .gradient()
                .map(gradient -> Parameter.trainable(maskToken.name(), value, gradient.view(1, width)))
                .orElseGet(() -> Parameter.frozen(maskToken.name(), value));
        Tensor index = tape.allocate(Shape.of(batch, count), DType.I32);
        index.zero();
        return tape.embed(table, index);
    }

    /** Both (B, L, D), and so is the result. */
    Tensor fuse(Tape tape, Tensor dense, Tensor deep) {
        Shape s = dense.shape();
        long tokens = s.dim(0) * s.dim(1);
        Tensor pairs = tape.concatenate(dense.view(tokens, 1, width), deep.view(tokens, 1, width));
        return tape.linear(pairs.view(s.dim(0), s.dim(1), 2L * width), weight, bias);
    }

    static Optional<SprintFusion> of(PrxConfig config, Parameters parameters) {
        return config.extensions().sprint().map(s -> new SprintFusion(s, config.hiddenSize(), parameters));
    }
}
