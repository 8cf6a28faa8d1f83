package mezzotint.kernel.cuda;

import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** Launches {@code cosine_similarity.cu}: one warp a row. */
final class CudaCosineSimilarity implements Kernels.CosineSimilarity {
    private static final String MODULE = "cosine_similarity";
    private static final int WARP = 32;

    private final CudaLauncher launcher;

    CudaCosineSimilarity(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Tensor similarity, Tensor x, Tensor y, float eps) {
        long rows = x.shape().size(0);
        if (rows > 0) {
            String kernel = "cosine_similarity_forward" + CudaLauncher.suffix(x.dtype());
            launcher.launch(
                    MODULE,
                    kernel,
                    grid(rows),
                    a -> a.tensor(similarity)
                            .tensor(x)
                            .tensor(y)
                            .wide(rows)
                            .integer(x.shape().size(1))
                            .real(eps));
        }
    }

    @Override
    public void backward(Tensor gradX, Tensor gradY, Tensor gradSimilarity, Tensor x, Tensor y, float eps) {
        long rows = x.shape().size(0);
        if (rows > 0 && (gradX != null || gradY != null)) {
            String kernel = "cosine_similarity_backward" + CudaLauncher.suffix(x.dtype());
            launcher.launch(
                    MODULE,
                    kernel,
                    grid(rows),
                    a -> a.tensor(gradX)
                            .tensor(gradY)
                            .tensor(gradSimilarity)
                            .tensor(x)
                            .tensor(y)
                            .wide(rows)
                            .integer(x.shape().size(1))
                            .real(eps));
        }
    }

    private static LaunchGrid grid(long rows) {
        return LaunchGrid.of(Tiles.blocks(rows * WARP, 1), Tiles.THREADS);
    }
}
