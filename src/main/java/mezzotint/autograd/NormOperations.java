package mezzotint.autograd;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** Normalisations on the tape. */
final class NormOperations {
    private NormOperations() {}

    static Tensor adaLayerNorm(Tape tape, Tensor x, Tensor shift, Tensor scale, float eps) {
        Checks.rank("adaLayerNorm", "x", x, 3);
        long b = x.shape().dim(0);
        long d = x.shape().dim(2);
        Checks.shape("adaLayerNorm", "shift", shift, b, d);
        Checks.shape("adaLayerNorm", "scale", scale, b, d);
        Checks.floats("adaLayerNorm", x, shift, scale);
        Tensor y = tape.allocate(x.shape(), DType.F32);
        Tensor mean = tape.allocate(b, x.shape().dim(1));
        Tensor rstd = tape.allocate(b, x.shape().dim(1));
        Kernels.AdaLayerNorm norm = tape.kernels().adaLayerNorm();
        norm.forward(y, mean, rstd, x, shift, scale, eps);
        if (tape.needsGradient(x, shift, scale)) {
            tape.record(
                    y,
                    gradY -> norm.backward(
                            tape.slot(x), tape.slot(shift), tape.slot(scale), gradY, x, mean, rstd, scale));
        }
        return y;
    }

    static Tensor rmsNorm(Tape tape, Tensor x, Parameter scale, float eps) {
        long d = x.shape().dim(-1);
        Checks.shape("rmsNorm", "scale", scale.value(), d);
        Checks.floats("rmsNorm", x, scale.value());
        long rows = x.shape().rows();
        Tensor y = tape.allocate(x.shape(), DType.F32);
        Tensor rstd = tape.allocate(rows);
        Kernels.RmsNorm norm = tape.kernels().rmsNorm();
        Tensor flat = x.view(rows, d);
        norm.forward(y.view(rows, d), rstd, flat, scale.value(), eps);
        if (tape.needsGradient(x) || (tape.isRecording() && scale.isTrainable())) {
            tape.record(
                    y,
                    gradY -> norm.backward(
                            tape.slot(flat), scale.gradientOrNull(), gradY.view(rows, d), flat, rstd, scale.value()));
        }
        return y;
    }
}
