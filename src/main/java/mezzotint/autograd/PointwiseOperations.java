package mezzotint.autograd;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** Elementwise operations on the tape. */
final class PointwiseOperations {
    private PointwiseOperations() {}

    static Tensor geglu(Tape tape, Tensor gate, Tensor up) {
        Checks.same("geglu", "up", up, "gate", gate);
        Checks.floats("geglu", gate, up);
        Tensor y = tape.allocate(gate.shape(), DType.F32);
        Kernels.Geglu geglu = tape.kernels().geglu();
        geglu.forward(y, gate, up);
        if (tape.needsGradient(gate, up)) {
            tape.record(y, gradY -> {
                Tensor[] unwritten = tape.unwrittenSlots(gate, up);
                if (unwritten == null) {
                    geglu.backward(tape.slot(gate), tape.slot(up), gradY, gate, up);
                } else {
                    geglu.firstBackward(unwritten[0], unwritten[1], gradY, gate, up);
                }
            });
        }
        return y;
    }

    static Tensor silu(Tape tape, Tensor x) {
        Checks.floats("silu", x);
        Tensor y = tape.allocate(x.shape(), DType.F32);
        tape.kernels().pointwise().silu(y, x);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> tape.kernels().pointwise().siluBackward(tape.slot(x), gradY, x));
        }
        return y;
    }

    static Tensor gelu(Tape tape, Tensor x) {
        Checks.floats("gelu", x);
        Tensor y = tape.allocate(x.shape(), DType.F32);
        tape.kernels().pointwise().gelu(y, x);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> tape.kernels().pointwise().geluBackward(tape.slot(x), gradY, x));
        }
        return y;
    }

    static Tensor add(Tape tape, Tensor a, Tensor b) {
        Checks.same("add", "b", b, "a", a);
        Checks.floats("add", a, b);
        Tensor y = tape.allocate(a.shape(), DType.F32);
        tape.kernels().pointwise().add(y, a, b);
        if (tape.needsGradient(a, b)) {
            tape.record(y, gradY -> {
                addInto(tape, tape.slot(a), gradY, 1f);
                addInto(tape, tape.slot(b), gradY, 1f);
            });
        }
        return y;
    }

    static Tensor scale(Tape tape, Tensor x, float factor) {
        Checks.floats("scale", x);
        Tensor y = tape.allocate(x.shape(), DType.F32);
        tape.kernels().pointwise().scale(y, x, factor);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> addInto(tape, tape.slot(x), gradY, factor));
        }
        return y;
    }

    static void addInto(Tape tape, Tensor slot, Tensor gradient, float factor) {
        if (slot != null) {
            tape.kernels().pointwise().addScaled(slot, gradient, factor);
        }
    }

    static Tensor gatedResidual(Tape tape, Tensor x, Tensor gate, Tensor branch) {
        Checks.rank("gatedResidual", "x", x, 3);
        Checks.same("gatedResidual", "branch", branch, "x", x);
        Checks.shape("gatedResidual", "gate", gate, x.shape().dim(0), x.shape().dim(2));
        Checks.floats("gatedResidual", x, gate, branch);
        Tensor y = tape.allocate(x.shape(), DType.F32);
        Kernels.Pointwise pointwise = tape.kernels().pointwise();
        pointwise.gatedResidual(y, x, gate, branch);
        if (tape.needsGradient(x, gate, branch)) {
            tape.record(y, gradY -> {
                Tensor intoGate = tape.slot(gate);
                Tensor[] unwritten = tape.unwrittenSlots(x, branch);
                if (unwritten == null) {
                    pointwise.gatedResidualBackward(tape.slot(x), intoGate, tape.slot(branch), gradY, gate, branch);
                } else {
                    pointwise.firstGatedResidualBackward(unwritten[0], intoGate, unwritten[1], gradY, gate, branch);
                }
            });
        }
        return y;
    }

    static Tensor sinusoid(Tape tape, Tensor x, int width, float factor, float maxPeriod) {
        Checks.rank("sinusoid", "x", x, 1);
        Checks.floats("sinusoid", x);
        Tensor y = tape.allocate(x.shape().dim(0), width);
        tape.kernels().pointwise().sinusoid(y, x, factor, maxPeriod);
        return y;
    }
}
