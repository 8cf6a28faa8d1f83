package mezzotint.autograd;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** Elementwise operations of the networks around the denoiser, on the tape. */
final class ActivationOperations {
    private ActivationOperations() {}

    @FunctionalInterface
    private interface Forward {
        void run(Tensor y, Tensor x);
    }

    @FunctionalInterface
    private interface Backward {
        void run(Tensor gradX, Tensor gradY, Tensor x);
    }

    private static Tensor function(Tape tape, String operation, Tensor x, Forward forward, Backward backward) {
        Checks.floats(operation, x);
        Tensor y = tape.allocate(x.shape(), DType.F32);
        forward.run(y, x);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> backward.run(tape.slot(x), gradY, x));
        }
        return y;
    }

    static Tensor relu(Tape tape, Tensor x) {
        EncoderKernels.Activation kernel = tape.kernels().activation();
        return function(tape, "relu", x, kernel::relu, kernel::reluBackward);
    }

    static Tensor geluTanh(Tape tape, Tensor x) {
        EncoderKernels.Activation kernel = tape.kernels().activation();
        return function(tape, "geluTanh", x, kernel::geluTanh, kernel::geluTanhBackward);
    }

    static Tensor quickGelu(Tape tape, Tensor x) {
        EncoderKernels.Activation kernel = tape.kernels().activation();
        return function(tape, "quickGelu", x, kernel::quickGelu, kernel::quickGeluBackward);
    }

    static Tensor multiply(Tape tape, Tensor a, Tensor b) {
        Checks.same("multiply", "b", b, "a", a);
        Checks.floats("multiply", a, b);
        Tensor y = tape.allocate(a.shape(), DType.F32);
        EncoderKernels.Activation kernel = tape.kernels().activation();
        kernel.multiply(y, a, b);
        if (tape.needsGradient(a, b)) {
            tape.record(y, gradY -> kernel.multiplyBackward(tape.slot(a), tape.slot(b), gradY, a, b));
        }
        return y;
    }

    static Tensor scaleShift(Tape tape, Tensor x, Parameter scale, Parameter shift) {
        if (x.shape().rank() < 1) {
            throw new ShapeMismatchException("scaleShift: x %s has no axis", x.shape());
        }
        Checks.floats("scaleShift", x);
        long d = x.shape().dim(-1);
        long rows = x.shape().rows();
        Tensor scaleValue = valueOf("scale", scale, d);
        Tensor shiftValue = valueOf("shift", shift, d);
        Tensor y = tape.allocate(x.shape(), DType.F32);
        EncoderKernels.Activation kernel = tape.kernels().activation();
        Tensor flat = x.view(rows, d);
        kernel.scaleShift(y.view(rows, d), flat, scaleValue, shiftValue);
        Tensor gradScale = scale == null ? null : scale.gradientOrNull();
        Tensor gradShift = shift == null ? null : shift.gradientOrNull();
        if (tape.needsGradient(x) || (tape.isRecording() && (gradScale != null || gradShift != null))) {
            tape.record(
                    y,
                    gradY -> kernel.scaleShiftBackward(
                            tape.slot(flat), gradScale, gradShift, gradY.view(rows, d), flat, scaleValue));
        }
        return y;
    }

    private static Tensor valueOf(String name, Parameter parameter, long d) {
        if (parameter == null) {
            return null;
        }
        Checks.shape("scaleShift " + parameter.name(), name, parameter.value(), d);
        Checks.floats("scaleShift " + parameter.name(), parameter.value());
        return parameter.value();
    }

    static Tensor divideByLast(Tape tape, Tensor x, float eps) {
        if (x.shape().rank() < 1 || x.shape().dim(-1) < 2) {
            throw new ShapeMismatchException(
                    "divideByLast: x %s, expected a last axis of at least 2, the divisor its last", x.shape());
        }
        Checks.floats("divideByLast", x);
        long d = x.shape().dim(-1) - 1;
        long rows = x.shape().rows();
        Tensor y = tape.allocate(x.shape().withLast(d), DType.F32);
        EncoderKernels.Activation kernel = tape.kernels().activation();
        Tensor flat = x.view(rows, d + 1);
        kernel.divideByLast(y.view(rows, d), flat, eps);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> kernel.divideByLastBackward(tape.slot(flat), gradY.view(rows, d), flat, eps));
        }
        return y;
    }
}
