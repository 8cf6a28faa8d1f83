package mezzotint.autograd;

import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** Movements of axes and columns on the tape. */
final class LayoutOperations {
    private static final int MOST_AXES = 6;

    private LayoutOperations() {}

    static Tensor permute(Tape tape, Tensor x, int... order) {
        checkOrder(x, order);
        Checks.floats("permute", x);
        long[] dims = x.shape().dims();
        long[] permuted = new long[order.length];
        int[] inverse = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            permuted[i] = dims[order[i]];
            inverse[order[i]] = i;
        }
        int[] forward = order.clone();
        Tensor y = tape.allocate(permuted);
        EncoderKernels.Layout layout = tape.kernels().layout();
        layout.permute(y, x, dims, forward, false);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> layout.permute(tape.slot(x), gradY, permuted, inverse, true));
        }
        return y;
    }

    private static void checkOrder(Tensor x, int... order) {
        boolean[] seen = new boolean[order.length];
        boolean valid = x.shape().rank() == order.length && order.length <= MOST_AXES;
        for (int axis : order) {
            valid = valid && axis >= 0 && axis < order.length && !seen[axis];
            if (valid) {
                seen[axis] = true;
            }
        }
        if (!valid) {
            throw new ShapeMismatchException(
                    "permute: x %s, order %s; expected each axis once, %d axes at most",
                    x.shape(), java.util.Arrays.toString(order), MOST_AXES);
        }
    }

    static Tensor concatenateLast(Tape tape, Tensor... parts) {
        if (parts.length == 0 || parts[0].shape().rank() < 1) {
            throw new ShapeMismatchException("concatenateLast: expected at least one part with at least one axis");
        }
        Checks.floats("concatenateLast", parts);
        Shape first = parts[0].shape();
        long width = 0;
        for (Tensor part : parts) {
            Checks.rank("concatenateLast", "part", part, first.rank());
            long own = part.shape().dim(-1);
            Checks.shape("concatenateLast", "part", part, first.withLast(own).dims());
            width += own;
        }
        long rows = first.rows();
        Tensor y = tape.allocate(first.withLast(width), DType.F32);
        Kernels.Tokens tokens = tape.kernels().tokens();
        tape.kernels().pointwise().fill(y, 0f);
        int column = 0;
        for (Tensor part : parts) {
            tokens.addColumns(y.view(rows, width), part.view(rows, part.shape().dim(-1)), column);
            column += part.shape().size(-1);
        }
        if (tape.needsGradient(parts)) {
            Tensor[] kept = parts.clone();
            tape.record(y, gradY -> scatter(tape, kept, gradY));
        }
        return y;
    }

    private static void scatter(Tape tape, Tensor[] parts, Tensor gradY) {
        long width = gradY.shape().dim(-1);
        Kernels.Tokens tokens = tape.kernels().tokens();
        int column = 0;
        for (Tensor part : parts) {
            Tensor slot = tape.slot(part);
            if (slot != null) {
                long mark = tape.gradients.mark();
                long rows = part.shape().rows();
                Tensor columns = tape.gradients.allocate(rows, part.shape().dim(-1));
                tokens.sliceColumns(columns, gradY.view(rows, width), column);
                tape.kernels().pointwise().addScaled(slot.view(columns.shape().dims()), columns, 1f);
                tape.gradients.release(mark);
            }
            column += part.shape().size(-1);
        }
    }

    static Tensor sliceLast(Tape tape, Tensor x, long from, long to) {
        if (x.shape().rank() < 1 || from < 0 || to <= from || to > x.shape().dim(-1)) {
            throw new ShapeMismatchException("sliceLast: columns [%d, %d) of x %s", from, to, x.shape());
        }
        Checks.floats("sliceLast", x);
        long rows = x.shape().rows();
        Tensor y = tape.allocate(x.shape().withLast(to - from), DType.F32);
        Kernels.Tokens tokens = tape.kernels().tokens();
        Tensor flat = x.view(rows, x.shape().dim(-1));
        int column = Math.toIntExact(from);
        tokens.sliceColumns(y.view(rows, to - from), flat, column);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> tokens.addColumns(tape.slot(flat), gradY.view(rows, to - from), column));
        }
        return y;
    }
}
