package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;
import mezzotint.kernel.cuda.CublasProduct.Operand;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Products by cuBLAS, whose matrices are column-major: it is given cᵀ = op(b)ᵀ · op(a)ᵀ, which is the same memory.
 *
 * <p>float32 products are float32 throughout; bf16 ones are summed in float32. Operands of two types are widened to float32
 * first, and so is a bf16 result of float32 operands, which cuBLAS does not do. A bias goes into c before, by our own kernel.
 */
final class CublasMatmul implements Kernels.Matmul {
    private static final long ALIGNMENT = 256;

    private final CudaLauncher launcher;
    private final Cublas cublas;
    private final Kernels.Matmul own;
    private final Cast cast;

    /** {@link Kernels.Pointwise#cast}, which takes no scratch memory. */
    @FunctionalInterface
    interface Cast {
        /** y = x, in y's type. */
        void cast(Tensor y, Tensor x);
    }

    /**
     * @param own kernels for what is no product: a bias where there is nothing to sum, and sums of columns
     * @param cast between element types
     */
    CublasMatmul(CudaLauncher launcher, Cublas cublas, Kernels.Matmul own, Cast cast) {
        this.launcher = launcher;
        this.cublas = cublas;
        this.own = own;
        this.cast = cast;
    }

    @Override
    public void multiply(
            Tensor c, Tensor a, Tensor b, Tensor bias, boolean transposeA, boolean transposeB, boolean accumulate) {
        int n = c.shape().size(-1);
        int m = n == 0 ? 0 : Math.toIntExact(c.shape().elements() / n);
        int k = m == 0 ? 0 : Math.toIntExact(a.shape().elements() / m);
        if (k == 0) {
            own.multiply(c, a, b, bias, transposeA, transposeB, accumulate);
            return;
        }
        DType type = a.dtype() == b.dtype() ? a.dtype() : DType.F32;
        DType result = type == DType.F32 ? DType.F32 : c.dtype();
        long bytes = room(a, type) + room(b, type) + room(c, result);
        Scratch scratch = new Scratch(bytes == 0 ? 0 : launcher.scratch(bytes), bytes);
        Tensor left = converted(a, type, scratch);
        Tensor right = converted(b, type, scratch);
        Tensor into = c.dtype() == result ? c : scratch.take(c.shape(), result);
        if (into != c && accumulate) {
            cast.cast(into, c);
        }
        if (bias != null) {
            own.multiply(into, nothing(m, 0), nothing(0, n), bias, false, false, accumulate);
        }
        CublasProduct product = new CublasProduct(
                n,
                m,
                k,
                operand(right, transposeB, transposeB ? k : n),
                operand(left, transposeA, transposeA ? m : k),
                operand(into, false, n),
                accumulate || bias != null ? 1 : 0);
        launcher.driver().launchLibrary(launcher.stream(), product, () -> cublas.multiply(product));
        if (into != c) {
            cast.cast(c, into);
        }
    }

    /** Factors whose product is zero: with a bias our own kernels make it of this, in any element type. */
    private static Tensor nothing(long rows, long columns) {
        return new ScratchMemory(0, 0).tensor(0, Shape.of(rows, columns), DType.F32);
    }

    private static Operand operand(Tensor x, boolean transposed, int leading) {
        return new Operand(x.address(), x.dtype(), transposed, leading);
    }

    private Tensor converted(Tensor x, DType type, Scratch scratch) {
        if (x.dtype() == type) {
            return x;
        }
        Tensor copy = scratch.take(x.shape(), type);
        cast.cast(copy, x);
        return copy;
    }

    /** Scratch bytes of a tensor that is wanted as {@code type}. */
    private static long room(Tensor x, DType type) {
        return x.dtype() == type ? 0 : aligned(x.shape().elements() * type.bytes());
    }

    private static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    @Override
    public void columnSums(Tensor sums, Tensor x) {
        own.columnSums(sums, x);
    }

    /** The launcher's scratch memory, handed out from its start. */
    private static final class Scratch {
        private final ScratchMemory memory;
        private long used;

        Scratch(long address, long bytes) {
            memory = new ScratchMemory(address, bytes);
        }

        Tensor take(Shape shape, DType type) {
            Tensor taken = memory.tensor(used, shape, type);
            used += aligned(taken.byteSize());
            return taken;
        }
    }
}
