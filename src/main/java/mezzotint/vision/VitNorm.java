package mezzotint.vision;

import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/** A layer normalisation by the name it has in checkpoints. */
record VitNorm(Parameter weight, Parameter bias, float eps) {

    static VitNorm of(Parameters parameters, String name, VitShape shape) {
        return new VitNorm(
                parameters.add(name + ".weight", Initialization.ones(), shape.width()),
                parameters.add(name + ".bias", Initialization.zeros(), shape.width()),
                shape.eps());
    }

    Tensor apply(Tape tape, Tensor x) {
        return tape.encoders().layerNorm(x, weight, bias, eps);
    }
}
