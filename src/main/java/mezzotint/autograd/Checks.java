package mezzotint.autograd;

import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** The shape checks of the tape, each with one sentence that names operation, tensor, expected and got. */
final class Checks {
    private Checks() {}

    static void same(String operation, String name, Tensor x, String otherName, Tensor other) {
        if (!x.shape().equals(other.shape())) {
            throw new ShapeMismatchException(
                    "%s: %s %s, expected the shape of %s %s", operation, name, x.shape(), otherName, other.shape());
        }
    }

    static void rank(String operation, String name, Tensor x, int rank) {
        if (x.shape().rank() != rank) {
            throw new ShapeMismatchException(
                    "%s: %s %s, expected %d %s", operation, name, x.shape(), rank, rank == 1 ? "axis" : "axes");
        }
    }

    static void shape(String operation, String name, Tensor x, long... dims) {
        if (!x.shape().equals(Shape.of(dims))) {
            throw new ShapeMismatchException("%s: %s %s, expected %s", operation, name, x.shape(), Shape.of(dims));
        }
    }

    static void type(String operation, String name, Tensor x, DType... allowed) {
        for (DType dtype : allowed) {
            if (x.dtype() == dtype) {
                return;
            }
        }
        throw new ShapeMismatchException(
                "%s: %s is of %s, expected %s", operation, name, x.dtype(), java.util.Arrays.toString(allowed));
    }

    static void floats(String operation, Tensor... inputs) {
        for (Tensor x : inputs) {
            type(operation, "input", x, DType.F32);
        }
    }
}
