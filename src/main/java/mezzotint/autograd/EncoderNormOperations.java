package mezzotint.autograd;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** Normalisations with a learned scale and shift, on the tape. */
final class EncoderNormOperations {
    private EncoderNormOperations() {}

    static Tensor groupNorm(Tape tape, Tensor x, int groups, Parameter scale, Parameter shift, float eps) {
        long channels = check("groupNorm", x, scale, shift);
        if (x.shape().rank() < 2 || groups < 1 || channels % groups != 0) {
            throw new ShapeMismatchException(
                    "groupNorm %s: x %s, %d groups; expected (B, …, C) and groups that divide the channels",
                    scale.name(), x.shape(), groups);
        }
        long b = x.shape().dim(0);
        long pixels = b == 0 ? 0 : x.shape().rows() / b;
        Tensor y = tape.allocate(x.shape(), DType.F32);
        Tensor mean = tape.allocate(b, groups);
        Tensor rstd = tape.allocate(b, groups);
        EncoderKernels.GroupNorm norm = tape.kernels().groupNorm();
        Tensor flat = x.view(b, pixels, channels);
        norm.forward(y.view(b, pixels, channels), mean, rstd, flat, scale.value(), shift.value(), eps);
        if (isWanted(tape, x, scale, shift)) {
            tape.record(
                    y,
                    gradY -> norm.backward(
                            tape.slot(flat),
                            scale.gradientOrNull(),
                            shift.gradientOrNull(),
                            gradY.view(b, pixels, channels),
                            flat,
                            mean,
                            rstd,
                            scale.value()));
        }
        return y;
    }

    static Tensor layerNorm(Tape tape, Tensor x, Parameter scale, Parameter shift, float eps) {
        long d = check("layerNorm", x, scale, shift);
        long rows = x.shape().rows();
        Tensor y = tape.allocate(x.shape(), DType.F32);
        Tensor mean = tape.allocate(rows);
        Tensor rstd = tape.allocate(rows);
        EncoderKernels.LayerNorm norm = tape.kernels().layerNorm();
        Tensor flat = x.view(rows, d);
        norm.forward(y.view(rows, d), mean, rstd, flat, scale.value(), shift.value(), eps);
        if (isWanted(tape, x, scale, shift)) {
            tape.record(
                    y,
                    gradY -> norm.backward(
                            tape.slot(flat),
                            scale.gradientOrNull(),
                            shift.gradientOrNull(),
                            gradY.view(rows, d),
                            flat,
                            mean,
                            rstd,
                            scale.value()));
        }
        return y;
    }

    /** Width of the last axis. */
    private static long check(String operation, Tensor x, Parameter scale, Parameter shift) {
        if (x.shape().rank() < 1) {
            throw new ShapeMismatchException("%s %s: x %s has no axis", operation, scale.name(), x.shape());
        }
        long width = x.shape().dim(-1);
        Checks.shape(operation + " " + scale.name(), "scale", scale.value(), width);
        Checks.shape(operation + " " + scale.name(), "shift", shift.value(), width);
        Checks.floats(operation + " " + scale.name(), x, scale.value(), shift.value());
        return width;
    }

    private static boolean isWanted(Tape tape, Tensor x, Parameter scale, Parameter shift) {
        return tape.needsGradient(x) || (tape.isRecording() && (scale.isTrainable() || shift.isTrainable()));
    }
}
