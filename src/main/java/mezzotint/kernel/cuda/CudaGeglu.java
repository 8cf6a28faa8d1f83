package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.Geglu} on CUDA, over all elements in a row. */
final class CudaGeglu implements Kernels.Geglu {
    private static final String MODULE = "geglu";
    private static final int THREADS = 256;
    private static final int UNITS = 2;

    private final CudaLauncher launcher;

    CudaGeglu(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Tensor y, Tensor gate, Tensor up) {
        long n = y.shape().elements();
        if (n == 0) {
            return;
        }
        RowAccess access = RowAccess.of(y.dtype(), 0, y, gate, up);
        launcher.launch(
                MODULE,
                access.entry("geglu_forward"),
                grid(access, n),
                a -> a.tensor(y).tensor(gate).tensor(up).wide(n));
    }

    @Override
    public void backward(Tensor gradGate, Tensor gradUp, Tensor gradY, Tensor gate, Tensor up) {
        long n = gradY.shape().elements();
        if (n == 0 || (gradGate == null && gradUp == null)) {
            return;
        }
        RowAccess access = RowAccess.of(gradY.dtype(), 0, gradGate, gradUp, gradY, gate, up);
        launcher.launch(
                MODULE,
                access.entry("geglu_backward"),
                grid(access, n),
                a -> a.tensor(gradGate)
                        .tensor(gradUp)
                        .tensor(gradY)
                        .tensor(gate)
                        .tensor(up)
                        .wide(n));
    }

    private static LaunchGrid grid(RowAccess access, long n) {
        return LaunchGrid.of(Math.ceilDiv(n, (long) THREADS * UNITS * access.elements()), THREADS);
    }
}
