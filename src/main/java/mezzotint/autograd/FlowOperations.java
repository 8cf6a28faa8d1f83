package mezzotint.autograd;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** Flow matching on the tape. */
final class FlowOperations {
    private FlowOperations() {}

    static Tensor combine(Tape tape, Tensor x, Tensor z, Tensor coefficients) {
        Checks.same("combine", "z", z, "x", x);
        Checks.shape("combine", "coefficients", coefficients, x.shape().dim(0), 3);
        Checks.floats("combine", x, z, coefficients);
        Tensor y = tape.allocate(x.shape(), DType.F32);
        Kernels.FlowMatch flow = tape.kernels().flowMatch();
        flow.combine(y, x, z, coefficients);
        if (tape.needsGradient(x, z)) {
            tape.record(y, gradY -> flow.combineBackward(tape.slot(x), tape.slot(z), gradY, coefficients));
        }
        return y;
    }

    static Tensor meanSquare(Tape tape, Tensor prediction, Tensor target) {
        Checks.same("meanSquare", "target", target, "prediction", prediction);
        Checks.floats("meanSquare", prediction, target);
        Tensor loss = tape.allocate(prediction.shape().dim(0));
        Kernels.FlowMatch flow = tape.kernels().flowMatch();
        flow.meanSquare(loss, prediction, target);
        if (tape.needsGradient(prediction)) {
            tape.record(loss, gradLoss -> flow.meanSquareBackward(tape.slot(prediction), gradLoss, prediction, target));
        }
        return loss;
    }
}
