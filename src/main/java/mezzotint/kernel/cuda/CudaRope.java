package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link Kernels.Rope} on CUDA: a thread turns the same place of several heads. */
final class CudaRope implements Kernels.Rope {
    private static final int THREADS = 128;
    private static final int HEADS = 4;

    private final CudaLauncher launcher;

    CudaRope(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Tensor y, Tensor x, Tensor table) {
        int h = x.shape().size(1);
        // In equal groups: six heads are three and three.
        int heads = h == 0 ? 0 : Math.ceilDiv(h, Math.ceilDiv(h, HEADS));
        turn("rope_forward", y, x, table, heads);
    }

    @Override
    public void backward(Tensor gradX, Tensor gradY, Tensor table) {
        if (gradX != null) {
            turn("rope_backward", gradX, gradY, table, Math.min(gradY.shape().size(1), HEADS));
        }
    }

    private void turn(String kernel, Tensor target, Tensor source, Tensor table, int heads) {
        if (source.shape().elements() == 0) {
            return;
        }
        long samples = source.shape().dim(0);
        int h = source.shape().size(1);
        long plane = source.shape().dim(2) * source.shape().dim(3);
        long stride = table.shape().dim(0) == 1 ? 0 : plane;
        RowAccess access = RowAccess.of(source.dtype(), plane, target, source, table);
        int runs = Math.toIntExact(Math.ceilDiv(access.units(plane), THREADS));
        LaunchGrid grid = LaunchGrid.of(samples * Math.ceilDiv(h, heads) * runs, THREADS);
        launcher.launch(
                "rope",
                access.entry(kernel),
                grid,
                a -> a.tensor(target)
                        .tensor(source)
                        .tensor(table)
                        .wide(plane)
                        .wide(stride)
                        .integer(h)
                        .integer(heads)
                        .integer(runs));
    }
}
