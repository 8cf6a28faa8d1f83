package mezzotint.vision;

import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/**
 * A linear layer by the name it has in checkpoints.
 *
 * @param weight (out, in)
 * @param bias (out)
 */
record VitLinear(Parameter weight, Optional<Parameter> bias) {

    static VitLinear of(Parameters parameters, String name, int out, int in, boolean bias) {
        Parameter weight = parameters.add(name + ".weight", Initialization.linear(in), out, in);
        return new VitLinear(
                weight,
                bias ? Optional.of(parameters.add(name + ".bias", Initialization.zeros(), out)) : Optional.empty());
    }

    Tensor apply(Tape tape, Tensor x) {
        return bias.map(b -> tape.linear(x, weight, b)).orElseGet(() -> tape.linear(x, weight));
    }
}
