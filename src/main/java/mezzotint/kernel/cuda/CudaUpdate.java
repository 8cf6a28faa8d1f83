package mezzotint.kernel.cuda;

import mezzotint.kernel.AdamWFactors;
import mezzotint.kernel.AdamWStep;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** Launches {@code update.cu}. */
final class CudaUpdate implements Kernels.Update {
    private static final String MODULE = "update";

    /** Elements whose squares one block sums. */
    private static final int PIECE = 16_384;

    private final CudaLauncher launcher;

    CudaUpdate(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void adamW(Tensor value, Tensor firstMoment, Tensor secondMoment, Tensor gradient, AdamWStep step) {
        long elements = value.shape().elements();
        if (elements == 0) {
            return;
        }
        AdamWFactors f = AdamWFactors.of(step);
        LaunchGrid grid = LaunchGrid.of(Tiles.blocks(elements, Tiles.group(DType.F32)), Tiles.THREADS);
        launcher.launch(
                MODULE,
                "adam_w" + CudaLauncher.suffix(gradient.dtype()),
                grid,
                a -> a.tensor(value)
                        .tensor(firstMoment)
                        .tensor(secondMoment)
                        .tensor(gradient)
                        .real(f.decay())
                        .real(f.firstWeight())
                        .real(f.beta2())
                        .real(f.secondWeight())
                        .real(f.root())
                        .real(f.eps())
                        .real(f.size())
                        .real(f.gradientScale())
                        .wide(elements));
    }

    @Override
    public void movingAverage(Tensor average, Tensor value, double smoothing) {
        long elements = average.shape().elements();
        if (elements > 0) {
            launcher.launch(
                    MODULE,
                    "moving_average",
                    Tiles.grid(elements, Tiles.group(DType.F32)),
                    a -> a.tensor(average)
                            .tensor(value)
                            .real((float) smoothing)
                            .real((float) (1 - smoothing))
                            .wide(elements));
        }
    }

    @Override
    public void sumOfSquares(Tensor result, int slot, Tensor x) {
        long elements = x.shape().elements();
        int pieces = Math.toIntExact((elements + PIECE - 1) / PIECE);
        long sums = launcher.scratch((long) Double.BYTES * Math.max(1, pieces));
        if (pieces > 0) {
            String kernel = "squares" + CudaLauncher.suffix(x.dtype());
            launcher.launch(
                    MODULE,
                    kernel,
                    LaunchGrid.of(pieces, Tiles.THREADS),
                    a -> a.wide(sums).tensor(x).wide(elements));
        }
        launcher.launch(
                MODULE,
                "sum_of_squares",
                LaunchGrid.of(1, Tiles.THREADS),
                a -> a.wide(result.address() + (long) Double.BYTES * slot)
                        .wide(sums)
                        .integer(pieces));
    }
}
