package mezzotint.vision;

import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;

/** The first layer of a vision transformer, stored as a convolution (D, 3, P, P) and run as a linear layer over patches. */
final class PatchConvolution {
    private PatchConvolution() {}

    static VitLinear of(Parameters parameters, String name, VitShape shape) {
        return new VitLinear(
                weight(parameters, name, shape),
                Optional.of(parameters.add(name + ".bias", Initialization.zeros(), shape.width())));
    }

    static VitLinear withoutBias(Parameters parameters, String name, VitShape shape) {
        return new VitLinear(weight(parameters, name, shape), Optional.empty());
    }

    private static Parameter weight(Parameters parameters, String name, VitShape shape) {
        int patch = shape.patch();
        long in = 3L * patch * patch;
        Parameter stored = parameters.add(name + ".weight", Initialization.linear(in), shape.width(), 3, patch, patch);
        return Parameter.frozen(stored.name(), stored.value().view(shape.width(), in));
    }
}
