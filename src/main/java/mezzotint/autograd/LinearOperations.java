package mezzotint.autograd;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** Matrix products on the tape. */
final class LinearOperations {
    private LinearOperations() {}

    static Tensor linear(Tape tape, Tensor x, Parameter weight, Parameter bias) {
        Tensor w = weight.value();
        check(x, weight, bias);
        long out = w.shape().dim(0);
        long in = w.shape().dim(1);
        long rows = x.shape().elements() / in;
        Tensor y = tape.allocate(x.shape().withLast(out), DType.F32);
        Kernels.Matmul matmul = tape.kernels().matmul();
        Tensor flat = x.view(rows, in);
        matmul.multiply(y.view(rows, out), flat, w, bias == null ? null : bias.value(), false, true, false);
        boolean trained = tape.isRecording() && (weight.isTrainable() || (bias != null && bias.isTrainable()));
        if (tape.needsGradient(x) || trained) {
            tape.record(y, gradY -> backward(tape, gradY.view(rows, out), flat, weight, bias));
        }
        return y;
    }

    private static void backward(Tape tape, Tensor gradY, Tensor x, Parameter weight, Parameter bias) {
        Kernels.Matmul matmul = tape.kernels().matmul();
        Tensor[] unwritten = tape.unwrittenSlots(x);
        Tensor gradX = unwritten == null ? tape.slot(x) : unwritten[0];
        if (gradX != null) {
            matmul.multiply(gradX, gradY, weight.value(), null, false, false, unwritten == null);
        }
        if (weight.isTrainable()) {
            matmul.multiply(weight.gradientOrNull(), gradY, x, null, true, false, true);
        }
        if (bias != null && bias.isTrainable()) {
            matmul.columnSums(bias.gradientOrNull(), gradY);
        }
    }

    private static void check(Tensor x, Parameter weight, Parameter bias) {
        Tensor w = weight.value();
        if (w.shape().rank() != 2
                || x.shape().rank() < 1
                || x.shape().dim(-1) != w.shape().dim(1)) {
            throw new ShapeMismatchException(
                    "linear %s: x %s, weight %s; expected the last axis of x to be the last of the weight",
                    weight.name(), x.shape(), w.shape());
        }
        Checks.type("linear " + weight.name(), "x", x, DType.F32, DType.BF16);
        Checks.type("linear " + weight.name(), "weight", w, DType.F32, DType.BF16, DType.F16);
        if (bias != null) {
            Checks.shape(
                    "linear " + weight.name(), "bias", bias.value(), w.shape().dim(0));
            Checks.type("linear " + weight.name(), "bias", bias.value(), DType.F32);
        }
    }

    static Tensor weightedSum(Tape tape, Tensor x, Tensor weights) {
        long n = x.shape().elements();
        if (weights.shape().elements() != n) {
            throw new ShapeMismatchException("weightedSum: x %s, weights %s", x.shape(), weights.shape());
        }
        Checks.floats("weightedSum", x, weights);
        Tensor y = tape.allocate(1);
        Kernels.Matmul matmul = tape.kernels().matmul();
        matmul.multiply(y.view(1, 1), x.view(1, n), weights.view(n, 1), null, false, false, false);
        if (tape.needsGradient(x)) {
            tape.record(
                    y,
                    gradY -> matmul.multiply(
                            tape.slot(x).view(1, n), gradY.view(1, 1), weights.view(n, 1), null, false, true, true));
        }
        return y;
    }
}
