package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** Launches {@code flow_match.cu}. */
final class CudaFlowMatch implements Kernels.FlowMatch {
    private static final String MODULE = "flow_match";

    /** Elements whose squared differences one block sums. */
    private static final int PIECE = 16_384;

    private static final int WARP = 32;
    private static final int PHILOX_BLOCK = 4;

    private final CudaLauncher launcher;

    CudaFlowMatch(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void combine(Tensor y, Tensor x, Tensor z, Tensor coefficients) {
        if (y.shape().elements() > 0) {
            Samples of = Samples.of(y);
            launcher.launch(
                    MODULE,
                    "combine" + CudaLauncher.suffix(y.dtype()),
                    of.grid(),
                    a -> a.tensor(y)
                            .tensor(x)
                            .tensor(z)
                            .tensor(coefficients)
                            .wide(of.elements)
                            .integer(of.tiles));
        }
    }

    @Override
    public void combineBackward(Tensor gradX, Tensor gradZ, Tensor gradY, Tensor coefficients) {
        if (gradY.shape().elements() > 0 && (gradX != null || gradZ != null)) {
            Samples of = Samples.of(gradY);
            launcher.launch(
                    MODULE,
                    "combine_backward" + CudaLauncher.suffix(gradY.dtype()),
                    of.grid(),
                    a -> a.tensor(gradX)
                            .tensor(gradZ)
                            .tensor(gradY)
                            .tensor(coefficients)
                            .wide(of.elements)
                            .integer(of.tiles));
        }
    }

    @Override
    public void meanSquare(Tensor loss, Tensor prediction, Tensor target) {
        Samples of = Samples.of(prediction);
        if (of.count == 0) {
            return;
        }
        int pieces = Math.toIntExact((of.elements + PIECE - 1) / PIECE);
        long sums = launcher.scratch((long) Double.BYTES * of.count * Math.max(1, pieces));
        if (pieces > 0) {
            String kernel = "squared_distances" + CudaLauncher.suffix(prediction.dtype());
            LaunchGrid grid = LaunchGrid.of((long) of.count * pieces, Tiles.THREADS);
            launcher.launch(
                    MODULE,
                    kernel,
                    grid,
                    a -> a.wide(sums)
                            .tensor(prediction)
                            .tensor(target)
                            .wide(of.elements)
                            .integer(pieces));
        }
        launcher.launch(
                MODULE,
                "mean_square",
                LaunchGrid.of(of.count, WARP),
                a -> a.tensor(loss).wide(sums).integer(pieces).wide(of.elements));
    }

    @Override
    public void meanSquareBackward(Tensor gradPrediction, Tensor gradLoss, Tensor prediction, Tensor target) {
        if (gradPrediction != null && prediction.shape().elements() > 0) {
            Samples of = Samples.of(prediction);
            String kernel = "mean_square_backward" + CudaLauncher.suffix(prediction.dtype());
            launcher.launch(
                    MODULE,
                    kernel,
                    of.grid(),
                    a -> a.tensor(gradPrediction)
                            .tensor(gradLoss)
                            .tensor(prediction)
                            .tensor(target)
                            .real64(2.0 / of.elements)
                            .wide(of.elements)
                            .integer(of.tiles));
        }
    }

    @Override
    public void normal(Tensor y, long seed, long stream, long first) {
        long elements = y.shape().elements();
        if (elements > 0) {
            long blocks = (first + elements + PHILOX_BLOCK - 1) / PHILOX_BLOCK - first / PHILOX_BLOCK;
            LaunchGrid grid = LaunchGrid.of(Tiles.blocks(blocks, 1), Tiles.THREADS);
            launcher.launch(
                    MODULE,
                    "normal" + CudaLauncher.suffix(y.dtype()),
                    grid,
                    a -> a.tensor(y).wide(seed).wide(stream).wide(first).wide(elements));
        }
    }

    /**
     * A batch.
     *
     * @param count B
     * @param elements of one sample
     * @param tiles of one sample
     */
    private record Samples(int count, long elements, int tiles) {
        static Samples of(Tensor x) {
            int count = x.shape().size(0);
            long elements = count == 0 ? 0 : x.shape().elements() / count;
            return new Samples(count, elements, Math.toIntExact(Tiles.count(elements, Tiles.group(x.dtype()))));
        }

        LaunchGrid grid() {
            return LaunchGrid.of((long) count * tiles, Tiles.THREADS);
        }
    }
}
