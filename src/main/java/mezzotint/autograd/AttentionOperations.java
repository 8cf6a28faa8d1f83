package mezzotint.autograd;

import java.util.Arrays;
import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** Attention and the head layouts around it, on the tape. */
final class AttentionOperations {
    private AttentionOperations() {}

    static Tensor attention(Tape tape, AttentionInputs in) {
        check(in);
        Shape q = in.query().shape();
        Tensor out = tape.allocate(q.dim(0), q.dim(2), q.dim(1) * q.dim(3));
        Tensor logSumExp = tape.allocate(q.dim(0), q.dim(1), q.dim(2));
        Kernels.Attention attention = tape.kernels().attention();
        attention.forward(out, logSumExp, in);
        if (tape.needsGradient(in.query(), in.textKeys(), in.textValues(), in.keys(), in.values())) {
            tape.record(out, gradOut -> {
                Tensor[] inputs = {in.query(), in.textKeys(), in.textValues(), in.keys(), in.values()};
                Tensor[] unwritten = tape.unwrittenSlots(inputs);
                if (unwritten == null) {
                    Tensor[] slots = Arrays.stream(inputs).map(tape::slot).toArray(Tensor[]::new);
                    attention.backward(gradients(slots, in), gradOut, out, logSumExp, in);
                } else {
                    attention.firstBackward(gradients(unwritten, in), gradOut, out, logSumExp, in);
                }
            });
        }
        return out;
    }

    private static AttentionInputs gradients(Tensor[] slots, AttentionInputs in) {
        return new AttentionInputs(slots[0], slots[1], slots[2], slots[3], slots[4], null, in.scale());
    }

    private static void check(AttentionInputs in) {
        String operation = "attention";
        Checks.rank(operation, "query", in.query(), 4);
        Checks.rank(operation, "keys", in.keys(), 4);
        long b = in.query().shape().dim(0);
        long h = in.query().shape().dim(1);
        long d = in.query().shape().dim(3);
        Checks.shape(operation, "keys", in.keys(), b, h, in.keys().shape().dim(2), d);
        Checks.same(operation, "values", in.values(), "keys", in.keys());
        Checks.floats(operation, in.query(), in.keys(), in.values());
        if ((in.textKeys() == null) != (in.textValues() == null)) {
            throw new ShapeMismatchException("attention: text keys and text values go together, one is missing");
        }
        if (in.textKeys() != null) {
            Checks.rank(operation, "text keys", in.textKeys(), 4);
            Checks.shape(operation, "text keys", in.textKeys(), b, h, in.textTokens(), d);
            Checks.same(operation, "text values", in.textValues(), "text keys", in.textKeys());
            Checks.floats(operation, in.textKeys(), in.textValues());
        }
        if (in.textMask() != null) {
            Checks.shape(operation, "text mask", in.textMask(), b, in.textTokens());
            Checks.type(operation, "text mask", in.textMask(), DType.U8, DType.BOOL);
        }
    }

    static Tensor heads(Tape tape, Tensor x, HeadLayout layout, Parameter scale, Tensor rope, float eps) {
        Checks.rank("heads", "x", x, 3);
        Checks.floats("heads", x);
        int width = layout.width();
        long b = x.shape().dim(0);
        long l = x.shape().dim(1);
        if (layout.column() + (long) layout.heads() * width > x.shape().dim(2)) {
            throw new ShapeMismatchException("heads: %s reaches beyond the columns of x %s", layout, x.shape());
        }
        if (scale != null) {
            Checks.shape("heads", "scale", scale.value(), width);
            Checks.floats("heads", scale.value());
        }
        if (rope != null) {
            checkTable("heads", rope, b, l, width);
        }
        Tensor heads = tape.allocate(b, layout.heads(), l, width);
        Tensor rstd = scale == null ? null : tape.allocate(b, l, layout.heads());
        Kernels.QkNorm kernel = tape.kernels().qkNorm();
        Tensor scaleValue = scale == null ? null : scale.value();
        kernel.forward(heads, rstd, x, scaleValue, rope, layout.column(), eps);
        boolean trained = scale != null && scale.isTrainable() && tape.isRecording();
        if (tape.needsGradient(x) || trained) {
            Tensor gradScale = scale == null ? null : scale.gradientOrNull();
            tape.record(
                    heads,
                    gradHeads -> kernel.backward(
                            tape.slot(x), gradScale, gradHeads, x, rstd, scaleValue, rope, layout.column()));
        }
        return heads;
    }

    static Tensor rope(Tape tape, Tensor x, Tensor table) {
        Checks.rank("rope", "x", x, 4);
        Checks.floats("rope", x);
        checkTable("rope", table, x.shape().dim(0), x.shape().dim(2), x.shape().dim(3));
        Tensor y = tape.allocate(x.shape(), DType.F32);
        tape.kernels().rope().forward(y, x, table);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> tape.kernels().rope().backward(tape.slot(x), gradY, table));
        }
        return y;
    }

    private static void checkTable(String operation, Tensor table, long b, long l, long width) {
        Checks.rank(operation, "table", table, 4);
        long samples = table.shape().dim(0);
        Checks.shape(operation, "table", table, samples == b ? b : 1, l, width / 2, 2);
        Checks.floats(operation, table);
        if (width % 2 != 0) {
            throw new ShapeMismatchException("%s: head width %d is odd, pairs are rotated", operation, width);
        }
    }
}
