package mezzotint.kernel.cpu;

import mezzotint.tensor.DType;
import mezzotint.tensor.Memory;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** Runs a kernel within its memory, beyond it, and in memory that is gone; prints what happened. */
final class StrayAccess {
    private StrayAccess() {}

    public static void main(String[] arguments) {
        var kernels = new CpuTestKernels(VectorWidth.PLAIN, 1);
        Tensor gone;
        try (Memory large = CpuMemory.allocate(68);
                Memory small = CpuMemory.allocate(64)) {
            Tensor y = new Tensor(large, 0, Shape.of(17), DType.F32);
            Tensor x = new Tensor(small, 0, Shape.of(16), DType.F32);
            kernels.pointwise().fill(y, 1);
            kernels.pointwise().fill(x, 1);
            System.out.println("kept within: fine");
            report("strayed: ", () -> kernels.pointwise().silu(y, x));
            gone = x;
        }
        report("after its end: ", () -> CpuMemory.check(gone.address(), 64));
    }

    private static void report(String what, Runnable run) {
        try {
            run.run();
            System.out.println(what + "unnoticed");
            System.exit(1);
        } catch (IndexOutOfBoundsException e) {
            System.out.println(what + e.getMessage());
        } catch (IllegalStateException e) {
            System.out.println(what + "already closed");
        }
    }
}
