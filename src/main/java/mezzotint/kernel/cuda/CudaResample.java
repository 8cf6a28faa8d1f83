package mezzotint.kernel.cuda;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Resample} on CUDA: a thread an element of what is written. */
final class CudaResample implements EncoderKernels.Resample {
    private static final String MODULE = "resample";

    private final CudaLauncher launcher;

    CudaResample(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Tensor y, Tensor x, Taps rows, Taps columns) {
        if (y.shape().elements() > 0) {
            launcher.launch(
                    MODULE,
                    "resample_forward",
                    Planes.pictureGrid(y),
                    a -> sides(taps(taps(a.tensor(y).tensor(x), rows), columns), x, y, rows, columns));
        }
    }

    @Override
    public void backward(Tensor gradX, Tensor gradY, Taps rows, Taps columns) {
        if (gradX == null || gradX.shape().elements() == 0) {
            return;
        }
        int height = gradX.shape().size(1);
        int width = gradX.shape().size(2);
        long rowSpans = launcher.scratch(8L * height + 8L * width);
        long columnSpans = rowSpans + 8L * height;
        spans(rowSpans, rows, height);
        spans(columnSpans, columns, width);
        launcher.launch(
                MODULE,
                "resample_backward",
                Planes.pictureGrid(gradX),
                a -> sides(
                        taps(taps(a.tensor(gradX).tensor(gradY), rows), columns)
                                .wide(rowSpans)
                                .wide(columnSpans),
                        gradX,
                        gradY,
                        rows,
                        columns));
    }

    private void spans(long spans, Taps taps, int side) {
        launcher.launch(
                MODULE,
                "resample_spans",
                LaunchGrid.of(Math.ceilDiv(side, Planes.THREADS), Planes.THREADS),
                a -> a.wide(spans)
                        .tensor(taps.start())
                        .integer(taps.start().shape().size(0))
                        .integer(taps.weights().shape().size(1))
                        .integer(side));
    }

    private static LaunchArguments taps(LaunchArguments a, Taps taps) {
        return a.tensor(taps.start()).tensor(taps.weights());
    }

    private static LaunchArguments sides(LaunchArguments a, Tensor x, Tensor y, Taps rows, Taps columns) {
        return a.integer(x.shape().size(1))
                .integer(x.shape().size(2))
                .integer(y.shape().size(1))
                .integer(y.shape().size(2))
                .integer(y.shape().size(3))
                .integer(rows.weights().shape().size(1))
                .integer(columns.weights().shape().size(1));
    }
}
