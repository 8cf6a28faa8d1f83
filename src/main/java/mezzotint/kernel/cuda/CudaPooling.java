package mezzotint.kernel.cuda;

import java.util.function.Consumer;
import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Pooling} on CUDA: a thread an element of what is written. */
final class CudaPooling implements EncoderKernels.Pooling {
    private static final String MODULE = "pooling";

    private final CudaLauncher launcher;

    CudaPooling(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void max(Tensor y, Tensor index, Tensor x, PoolingGeometry geometry) {
        launch("pooling_max", y, a -> sides(a.tensor(y).tensor(index).tensor(x), x, y, geometry));
    }

    @Override
    public void maxBackward(Tensor gradX, Tensor gradY, Tensor index, PoolingGeometry geometry) {
        launch(
                "pooling_max_backward",
                gradX,
                a -> sides(a.tensor(gradX).tensor(gradY).tensor(index), gradX, gradY, geometry));
    }

    @Override
    public void average(Tensor y, Tensor x, PoolingGeometry geometry, boolean countPadding) {
        launch(
                "pooling_average",
                y,
                a -> sides(a.tensor(y).tensor(x), x, y, geometry).integer(countPadding ? 1 : 0));
    }

    @Override
    public void averageBackward(Tensor gradX, Tensor gradY, PoolingGeometry geometry, boolean countPadding) {
        launch(
                "pooling_average_backward",
                gradX,
                a -> sides(a.tensor(gradX).tensor(gradY), gradX, gradY, geometry)
                        .integer(countPadding ? 1 : 0));
    }

    private void launch(String kernel, Tensor written, Consumer<LaunchArguments> fill) {
        if (written != null && written.shape().elements() > 0) {
            launcher.launch(MODULE, kernel, Planes.pictureGrid(written), fill);
        }
    }

    private static LaunchArguments sides(LaunchArguments a, Tensor x, Tensor y, PoolingGeometry geometry) {
        return a.integer(x.shape().size(1))
                .integer(x.shape().size(2))
                .integer(y.shape().size(1))
                .integer(y.shape().size(2))
                .integer(y.shape().size(3))
                .integer(geometry.size())
                .integer(geometry.stride())
                .integer(geometry.padding());
    }
}
