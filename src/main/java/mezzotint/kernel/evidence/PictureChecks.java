package mezzotint.kernel.evidence;

import java.util.List;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.EncoderKernels.Resample.Taps;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.kernel.reference.ReferencePictures;
import mezzotint.kernel.reference.ReferencePictures.ConvolutionSizes;
import mezzotint.tensor.DType;

/** The {@link EncoderKernels} on pictures: convolution, pooling, resampling; float32 only, but for weights in BF16. */
final class PictureChecks {
    private PictureChecks() {}

    /** Small shapes that fit nothing. */
    static List<KernelCheck> hard() {
        var uneven = new ConvolutionGeometry(2, 0, 1, 3, 0, 1);
        return List.of(
                convolution(sizes(2, 9, 7, 5, 19, 3, ConvolutionGeometry.padded(1, 1))),
                convolution(sizes(1, 8, 9, 35, 70, 3, uneven)),
                convolution(sizes(
                        1, 5, 12, 34, 40, 2, ConvolutionGeometry.padded(3, 2).withGroups(2))),
                convolution(sizes(1, 28, 28, 3, 11, 14, ConvolutionGeometry.padded(14, 0))),
                convolution(sizes(
                        1, 6, 7, 19, 19, 5, ConvolutionGeometry.padded(1, 2).withGroups(19))),
                convolution(sizes(1, 6, 7, 6, 12, 3, uneven.withGroups(3))).misaligned(),
                convolution(sizes(2, 3, 5, 33, 19, 1, ConvolutionGeometry.padded(1, 0))),
                convolution(sizes(1, 5, 6, 9, 20, 3, ConvolutionGeometry.padded(1, 1)))
                        .misaligned(),
                narrowConvolution(sizes(1, 5, 6, 9, 20, 3, ConvolutionGeometry.padded(1, 1))),
                // Several slices of pixels.
                convolution(sizes(1, 24, 25, 3, 9, 3, ConvolutionGeometry.padded(1, 1))),
                convolution(sizes(
                        1, 18, 19, 9, 9, 3, ConvolutionGeometry.padded(1, 1).withGroups(9))),
                maxPool(2, 9, 7, 5, new PoolingGeometry(3, 2, 1)),
                maxPool(1, 8, 8, 33, new PoolingGeometry(2, 3, 0)).misaligned(),
                averagePool(2, 9, 7, 5, new PoolingGeometry(3, 1, 1), true),
                averagePool(1, 9, 8, 33, new PoolingGeometry(4, 3, 2), false),
                resample(2, new Axis(5, 11, 4), new Axis(9, 3, 3), 7),
                resample(1, new Axis(4, 8, 1), new Axis(4, 9, 2), 33).misaligned());
    }

    /** Shapes of autoencoders, scaled down. */
    static List<KernelCheck> standard() {
        return List.of(
                convolution(sizes(1, 16, 16, 32, 64, 3, ConvolutionGeometry.padded(1, 1))),
                convolution(sizes(
                        1, 8, 16, 64, 64, 3, ConvolutionGeometry.padded(1, 1).withGroups(64))),
                narrowConvolution(sizes(1, 8, 8, 32, 64, 3, ConvolutionGeometry.padded(1, 1))),
                maxPool(1, 16, 16, 32, new PoolingGeometry(2, 2, 0)),
                averagePool(1, 16, 16, 32, new PoolingGeometry(2, 2, 0), true),
                resample(1, new Axis(16, 32, 2), new Axis(16, 32, 2), 32));
    }

    private static ConvolutionSizes sizes(
            int b, int height, int width, int channels, int results, int kernel, ConvolutionGeometry geometry) {
        return new ConvolutionSizes(b, height, width, channels, results, kernel, kernel, geometry);
    }

    private static KernelCheck check(String name, String shape) {
        return new KernelCheck(name, shape).types(DType.F32);
    }

    private static KernelCheck convolution(String words, ConvolutionSizes s) {
        ConvolutionGeometry g = s.geometry();
        String shape = "B %d · %d × %d · C %d to %d · %d × %d, stride %d, groups %d%s"
                .formatted(
                        s.b(),
                        s.height(),
                        s.width(),
                        s.channels(),
                        s.results(),
                        s.kh(),
                        s.kw(),
                        g.stride(),
                        g.groups(),
                        words);
        return check("convolution", shape)
                .activation("x", s.b(), s.height(), s.width(), s.channels())
                .output(s.b(), s.outputHeight(), s.outputWidth(), s.results())
                .constant("bias", s.results())
                .forward((k, out, in) -> k.convolution().forward(out[0], in[0], in[2], in[1], g))
                .backward((k, grad, gradOut, out, in) ->
                        k.convolution().backward(grad[0], grad[2], gradOut, in[0], in[2], g))
                .definition(in -> new double[][] {ReferencePictures.convolution(s, in[0], in[2], in[1])});
    }

    static KernelCheck convolution(ConvolutionSizes s) {
        return convolution("", s).activation("weight", weight(s));
    }

    /** Weights in BF16, without a gradient. */
    static KernelCheck narrowConvolution(ConvolutionSizes s) {
        float[] values = KernelCheck.normals(5, weight(s));
        return convolution(", weights in BF16", s).constant("weight", DType.BF16, values, weight(s));
    }

    private static long[] weight(ConvolutionSizes s) {
        return new long[] {s.results(), s.channels() / s.geometry().groups(), s.kh(), s.kw()};
    }

    static KernelCheck maxPool(int b, int height, int width, int c, PoolingGeometry g) {
        return check("max_pool", windows(b, height, width, c, g))
                .activation("x", b, height, width, c)
                .output(b, g.output(height), g.output(width), c)
                .output(DType.I32, b, g.output(height), g.output(width), c)
                .forward((k, out, in) -> k.pooling().max(out[0], out[1], in[0], g))
                .backward((k, grad, gradOut, out, in) -> k.pooling().maxBackward(grad[0], gradOut, out[1], g))
                .definition(in -> ReferencePictures.maxPool(in[0], b, height, width, c, g));
    }

    static KernelCheck averagePool(int b, int height, int width, int c, PoolingGeometry g, boolean countPadding) {
        return check("average_pool", windows(b, height, width, c, g) + (countPadding ? ", padding counts" : ""))
                .activation("x", b, height, width, c)
                .output(b, g.output(height), g.output(width), c)
                .forward((k, out, in) -> k.pooling().average(out[0], in[0], g, countPadding))
                .backward((k, grad, gradOut, out, in) -> k.pooling().averageBackward(grad[0], gradOut, g, countPadding))
                .definition(in ->
                        new double[][] {ReferencePictures.averagePool(in[0], b, height, width, c, g, countPadding)});
    }

    private static String windows(int b, int height, int width, int c, PoolingGeometry g) {
        return "B %d · %d × %d · C %d, windows of %d, stride %d, padding %d"
                .formatted(b, height, width, c, g.size(), g.stride(), g.padding());
    }

    /** How long an axis is, how long it gets, and how many taps each result has. */
    record Axis(int from, int to, int taps) {
        private int start(int i) {
            return to == 1 ? from - taps : i * (from - taps) / (to - 1);
        }

        private float[] starts() {
            float[] starts = new float[to];
            for (int i = 0; i < to; i++) {
                starts[i] = start(i);
            }
            return starts;
        }

        private double[][] matrix(double[] weights) {
            double[][] matrix = new double[to][from];
            for (int i = 0; i < to; i++) {
                System.arraycopy(weights, i * taps, matrix[i], start(i), taps);
            }
            return matrix;
        }
    }

    static KernelCheck resample(int b, Axis rows, Axis columns, int c) {
        String shape = "B %d · %d × %d to %d × %d · C %d, %d × %d taps"
                .formatted(b, rows.from, columns.from, rows.to, columns.to, c, rows.taps, columns.taps);
        return check("resample", shape)
                .activation("x", b, rows.from, columns.from, c)
                .constant("rowStart", DType.I32, rows.starts(), rows.to)
                .constant("rowWeights", rows.to, rows.taps)
                .constant("columnStart", DType.I32, columns.starts(), columns.to)
                .constant("columnWeights", columns.to, columns.taps)
                .output(b, rows.to, columns.to, c)
                .forward((k, out, in) ->
                        k.resample().forward(out[0], in[0], new Taps(in[1], in[2]), new Taps(in[3], in[4])))
                .backward((k, grad, gradOut, out, in) ->
                        k.resample().backward(grad[0], gradOut, new Taps(in[1], in[2]), new Taps(in[3], in[4])))
                .definition(in -> new double[][] {
                    ReferencePictures.resample(in[0], rows.matrix(in[2]), columns.matrix(in[4]), b, c)
                });
    }
}
