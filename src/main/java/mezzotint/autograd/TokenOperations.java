package mezzotint.autograd;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** Movements of tokens on the tape. */
final class TokenOperations {
    private TokenOperations() {}

    static Tensor[] chunk(Tape tape, Tensor x, int count) {
        long width = x.shape().dim(-1);
        if (count < 1 || width % count != 0) {
            throw new ShapeMismatchException("chunk: x %s cannot be cut into %d equal parts", x.shape(), count);
        }
        Checks.floats("chunk", x);
        long rows = x.shape().rows();
        int part = Math.toIntExact(width / count);
        Tensor flat = x.view(rows, width);
        Kernels.Tokens tokens = tape.kernels().tokens();
        Tensor[] parts = new Tensor[count];
        for (int i = 0; i < count; i++) {
            int column = i * part;
            Tensor y = tape.allocate(x.shape().withLast(part), DType.F32);
            tokens.sliceColumns(y.view(rows, part), flat, column);
            if (tape.needsGradient(x)) {
                tape.record(y, gradY -> tokens.addColumns(tape.slot(flat), gradY.view(rows, part), column));
            }
            parts[i] = y;
        }
        return parts;
    }

    static Tensor patchify(Tape tape, Tensor image, int patch) {
        checkImage("patchify", image.shape(), patch);
        Checks.floats("patchify", image);
        Shape s = image.shape();
        long length = (s.dim(2) / patch) * (s.dim(3) / patch);
        Tensor y = tape.allocate(s.dim(0), length, s.dim(1) * patch * patch);
        Kernels.Tokens tokens = tape.kernels().tokens();
        tokens.patchify(y, image, patch, false);
        if (tape.needsGradient(image)) {
            tape.record(y, gradY -> tokens.unpatchify(tape.slot(image), gradY, patch, true));
        }
        return y;
    }

    static Tensor unpatchify(Tape tape, Tensor x, Shape shape, int patch) {
        checkImage("unpatchify", shape, patch);
        long length = (shape.dim(2) / patch) * (shape.dim(3) / patch);
        Checks.shape("unpatchify", "tokens", x, shape.dim(0), length, shape.dim(1) * patch * patch);
        Checks.floats("unpatchify", x);
        Tensor y = tape.allocate(shape, DType.F32);
        Kernels.Tokens tokens = tape.kernels().tokens();
        tokens.unpatchify(y, x, patch, false);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> tokens.patchify(tape.slot(x), gradY, patch, true));
        }
        return y;
    }

    private static void checkImage(String operation, Shape shape, int patch) {
        if (shape.rank() != 4 || patch < 1 || shape.dim(2) % patch != 0 || shape.dim(3) % patch != 0) {
            throw new ShapeMismatchException(
                    "%s: image %s, expected (B, C, height, width) with sides that are multiples of the patch %d",
                    operation, shape, patch);
        }
    }

    static Tensor concatenate(Tape tape, Tensor a, Tensor e) {
        Checks.rank("concatenate", "a", a, 3);
        Checks.rank("concatenate", "e", e, 3);
        Checks.shape(
                "concatenate",
                "e",
                e,
                a.shape().dim(0),
                e.shape().dim(1),
                a.shape().dim(2));
        Checks.floats("concatenate", a, e);
        Tensor y = tape.allocate(
                a.shape().dim(0), a.shape().dim(1) + e.shape().dim(1), a.shape().dim(2));
        Kernels.Tokens tokens = tape.kernels().tokens();
        tokens.concatenate(y, a, e);
        if (tape.needsGradient(a, e)) {
            tape.record(y, gradY -> tokens.concatenateBackward(tape.slot(a), tape.slot(e), gradY));
        }
        return y;
    }

    static Tensor gather(Tape tape, Tensor x, Tensor index) {
        Checks.rank("gather", "x", x, 3);
        Checks.rank("gather", "index", index, 2);
        Checks.shape("gather", "index", index, x.shape().dim(0), index.shape().dim(1));
        Checks.floats("gather", x);
        Checks.type("gather", "index", index, DType.I32);
        Tensor y =
                tape.allocate(x.shape().dim(0), index.shape().dim(1), x.shape().dim(2));
        Kernels.Tokens tokens = tape.kernels().tokens();
        tokens.gather(y, x, index);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> tokens.scatterAdd(tape.slot(x), gradY, index));
        }
        return y;
    }

    static Tensor scatter(Tape tape, Tensor y, Tensor index, int length) {
        Checks.rank("scatter", "y", y, 3);
        Checks.shape("scatter", "index", index, y.shape().dim(0), y.shape().dim(1));
        Checks.floats("scatter", y);
        Checks.type("scatter", "index", index, DType.I32);
        Tensor x = tape.allocate(y.shape().dim(0), length, y.shape().dim(2));
        Kernels kernels = tape.kernels();
        kernels.pointwise().fill(x, 0f);
        kernels.tokens().scatterAdd(x, y, index);
        if (tape.needsGradient(y)) {
            tape.record(x, gradX -> {
                Tensor gathered = tape.allocate(y.shape(), DType.F32);
                kernels.tokens().gather(gathered, gradX, index);
                PointwiseOperations.addInto(tape, tape.slot(y), gathered, 1f);
            });
        }
        return x;
    }

    static Tensor embed(Tape tape, Parameter table, Tensor index) {
        Checks.rank("embed", "table", table.value(), 2);
        Checks.floats("embed", table.value());
        Checks.type("embed", "index", index, DType.I32);
        long width = table.value().shape().dim(1);
        long count = index.shape().elements();
        long[] dims =
                java.util.Arrays.copyOf(index.shape().dims(), index.shape().rank() + 1);
        dims[dims.length - 1] = width;
        Tensor y = tape.allocate(dims);
        Kernels.Tokens tokens = tape.kernels().tokens();
        Tensor flat = index.view(count);
        tokens.embed(y.view(count, width), table.value(), flat);
        if (tape.isRecording() && table.isTrainable()) {
            tape.record(y, gradY -> tokens.embedBackward(table.gradientOrNull(), gradY.view(count, width), flat));
        }
        return y;
    }
}
