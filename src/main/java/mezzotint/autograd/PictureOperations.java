package mezzotint.autograd;

import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/** Operations on pictures (B, height, width, C) on the tape. */
final class PictureOperations {
    private PictureOperations() {}

    static Tensor convolution(Tape tape, Tensor x, Parameter weight, Parameter bias, ConvolutionGeometry geometry) {
        checkConvolution(x, weight, bias, geometry);
        Shape in = x.shape();
        Shape w = weight.value().shape();
        Tensor y = output(
                tape,
                "convolution " + weight.name(),
                in,
                geometry.outputHeight(in.dim(1), w.dim(2)),
                geometry.outputWidth(in.dim(2), w.dim(3)),
                w.dim(0));
        EncoderKernels.Convolution kernel = tape.kernels().convolution();
        kernel.forward(y, x, weight.value(), bias == null ? null : bias.value(), geometry);
        boolean trained = tape.isRecording() && (weight.isTrainable() || (bias != null && bias.isTrainable()));
        if (tape.needsGradient(x) || trained) {
            tape.record(y, gradY -> {
                kernel.backward(tape.slot(x), weight.gradientOrNull(), gradY, x, weight.value(), geometry);
                if (bias != null && bias.isTrainable()) {
                    Tensor rows = gradY.view(gradY.shape().rows(), w.dim(0));
                    tape.kernels().matmul().columnSums(bias.gradientOrNull(), rows);
                }
            });
        }
        return y;
    }

    private static void checkConvolution(Tensor x, Parameter weight, Parameter bias, ConvolutionGeometry geometry) {
        String operation = "convolution " + weight.name();
        Shape w = weight.value().shape();
        Checks.rank(operation, "x", x, 4);
        Checks.rank(operation, "weight", weight.value(), 4);
        int groups = geometry.groups();
        if (w.dim(0) % groups != 0 || w.dim(1) * groups != x.shape().dim(3)) {
            throw new ShapeMismatchException(
                    "%s: x %s, weight %s, %d groups; expected the weight's second axis to be the last of x over the"
                            + " groups, and its first a multiple of the groups",
                    operation, x.shape(), w, groups);
        }
        Checks.floats(operation, x);
        Checks.type(operation, "weight", weight.value(), DType.F32, DType.BF16);
        if (bias != null) {
            Checks.shape(operation, "bias", bias.value(), w.dim(0));
            Checks.type(operation, "bias", bias.value(), DType.F32);
        }
    }

    /** Room for a result of such sides. */
    private static Tensor output(Tape tape, String operation, Shape x, long height, long width, long channels) {
        if (height < 1 || width < 1) {
            throw new ShapeMismatchException(
                    "%s: x %s is smaller than the window and would give %d by %d pixels", operation, x, height, width);
        }
        return tape.allocate(x.dim(0), height, width, channels);
    }

    static Tensor maxPool(Tape tape, Tensor x, PoolingGeometry geometry) {
        Tensor y = pooled(tape, "maxPool", x, geometry);
        Tensor index = tape.allocate(y.shape(), DType.I32);
        EncoderKernels.Pooling pooling = tape.kernels().pooling();
        pooling.max(y, index, x, geometry);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> pooling.maxBackward(tape.slot(x), gradY, index, geometry));
        }
        return y;
    }

    static Tensor averagePool(Tape tape, Tensor x, PoolingGeometry geometry, boolean countPadding) {
        Tensor y = pooled(tape, "averagePool", x, geometry);
        EncoderKernels.Pooling pooling = tape.kernels().pooling();
        pooling.average(y, x, geometry, countPadding);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> pooling.averageBackward(tape.slot(x), gradY, geometry, countPadding));
        }
        return y;
    }

    private static Tensor pooled(Tape tape, String operation, Tensor x, PoolingGeometry geometry) {
        Checks.rank(operation, "x", x, 4);
        Checks.floats(operation, x);
        Shape in = x.shape();
        return output(tape, operation, in, geometry.output(in.dim(1)), geometry.output(in.dim(2)), in.dim(3));
    }

    static Tensor resample(
            Tape tape, Tensor x, EncoderKernels.Resample.Taps rows, EncoderKernels.Resample.Taps columns) {
        Checks.rank("resample", "x", x, 4);
        Checks.floats("resample", x);
        checkTaps("rows", rows, x.shape().dim(1));
        checkTaps("columns", columns, x.shape().dim(2));
        Tensor y = tape.allocate(
                x.shape().dim(0),
                rows.start().shape().dim(0),
                columns.start().shape().dim(0),
                x.shape().dim(3));
        EncoderKernels.Resample kernel = tape.kernels().resample();
        kernel.forward(y, x, rows, columns);
        if (tape.needsGradient(x)) {
            tape.record(y, gradY -> kernel.backward(tape.slot(x), gradY, rows, columns));
        }
        return y;
    }

    private static void checkTaps(String name, EncoderKernels.Resample.Taps taps, long side) {
        Checks.rank("resample", name + " start", taps.start(), 1);
        Checks.rank("resample", name + " weights", taps.weights(), 2);
        long count = taps.weights().shape().dim(1);
        Checks.shape(
                "resample",
                name + " weights",
                taps.weights(),
                taps.start().shape().dim(0),
                count);
        Checks.type("resample", name + " start", taps.start(), DType.I32);
        Checks.floats("resample", taps.weights());
        if (count < 1 || count > side) {
            throw new ShapeMismatchException(
                    "resample: %s of %d taps for a side of %d pixels, expected 1 to %d", name, count, side, side);
        }
    }
}
