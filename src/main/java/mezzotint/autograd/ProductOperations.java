package mezzotint.autograd;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** Products sample by sample on the tape. */
final class ProductOperations {
    private ProductOperations() {}

    static Tensor products(Tape tape, Tensor a, Tensor b, boolean transposeA, boolean transposeB) {
        Checks.rank("products", "a", a, 3);
        Checks.rank("products", "b", b, 3);
        Checks.floats("products", a, b);
        long samples = a.shape().dim(0);
        long m = a.shape().dim(transposeA ? 2 : 1);
        long k = a.shape().dim(transposeA ? 1 : 2);
        long n = b.shape().dim(transposeB ? 1 : 2);
        if (b.shape().dim(0) != samples || b.shape().dim(transposeB ? 2 : 1) != k) {
            throw new ShapeMismatchException(
                    "products: a %s%s, b %s%s; expected as many samples, and a's columns to be b's rows",
                    a.shape(), transposeA ? " transposed" : "", b.shape(), transposeB ? " transposed" : "");
        }
        Tensor y = tape.allocate(samples, m, n);
        Kernels.Matmul matmul = tape.kernels().matmul();
        for (long i = 0; i < samples; i++) {
            matmul.multiply(at(y, i), at(a, i), at(b, i), null, transposeA, transposeB, false);
        }
        if (tape.needsGradient(a, b)) {
            tape.record(y, gradY -> {
                Tensor gradA = tape.slot(a);
                Tensor gradB = tape.slot(b);
                for (long i = 0; i < samples; i++) {
                    if (gradA != null) {
                        addLeft(matmul, at(gradA, i), at(gradY, i), at(b, i), transposeA, transposeB);
                    }
                    if (gradB != null) {
                        addRight(matmul, at(gradB, i), at(gradY, i), at(a, i), transposeA, transposeB);
                    }
                }
            });
        }
        return y;
    }

    private static void addLeft(
            Kernels.Matmul matmul, Tensor gradA, Tensor gradY, Tensor b, boolean transposeA, boolean transposeB) {
        if (transposeA) {
            matmul.multiply(gradA, b, gradY, null, transposeB, true, true);
        } else {
            matmul.multiply(gradA, gradY, b, null, false, !transposeB, true);
        }
    }

    private static void addRight(
            Kernels.Matmul matmul, Tensor gradB, Tensor gradY, Tensor a, boolean transposeA, boolean transposeB) {
        if (transposeB) {
            matmul.multiply(gradB, gradY, a, null, true, transposeA, true);
        } else {
            matmul.multiply(gradB, a, gradY, null, !transposeA, false, true);
        }
    }

    private static Tensor at(Tensor x, long sample) {
        return x.rows(sample, sample + 1).view(x.shape().dim(1), x.shape().dim(2));
    }
}
