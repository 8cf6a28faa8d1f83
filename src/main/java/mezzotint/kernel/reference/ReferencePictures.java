package mezzotint.kernel.reference;

import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.PoolingGeometry;

/** Float64 definitions of the kernels on pictures (b, height, width, c), forward only. */
public final class ReferencePictures {
    private ReferencePictures() {}

    /**
     * Sizes of {@code EncoderKernels.Convolution}.
     *
     * @param b pictures
     * @param height of a picture, in pixels
     * @param width of a picture, in pixels
     * @param channels of the input, of all groups together
     * @param results channels of the output, of all groups together
     * @param kh rows of the kernel
     * @param kw columns of the kernel
     * @param geometry how it moves
     */
    public record ConvolutionSizes(
            int b, int height, int width, int channels, int results, int kh, int kw, ConvolutionGeometry geometry) {
        /** Rows of the output. */
        public int outputHeight() {
            return Math.toIntExact(geometry.outputHeight(height, kh));
        }

        /** Columns of the output. */
        public int outputWidth() {
            return Math.toIntExact(geometry.outputWidth(width, kw));
        }
    }

    /** {@code EncoderKernels.Convolution}: weight (o, c/groups, kh, kw), bias (o) or null. */
    public static double[] convolution(ConvolutionSizes s, double[] x, double[] weight, double[] bias) {
        ConvolutionGeometry g = s.geometry;
        int perGroup = s.channels / g.groups();
        double[] y = new double[s.b * s.outputHeight() * s.outputWidth() * s.results];
        for (int at = 0; at < y.length; at++) {
            int o = at % s.results;
            int j = at / s.results % s.outputWidth();
            int i = at / s.results / s.outputWidth() % s.outputHeight();
            int sample = at / s.results / s.outputWidth() / s.outputHeight();
            int firstChannel = o / (s.results / g.groups()) * perGroup;
            double sum = bias == null ? 0 : bias[o];
            for (int c = 0; c < perGroup; c++) {
                for (int u = 0; u < s.kh; u++) {
                    for (int v = 0; v < s.kw; v++) {
                        int row = g.stride() * i + u - g.top();
                        int column = g.stride() * j + v - g.left();
                        if (row >= 0 && row < s.height && column >= 0 && column < s.width) {
                            sum += weight[((o * perGroup + c) * s.kh + u) * s.kw + v]
                                    * x[((sample * s.height + row) * s.width + column) * s.channels + firstChannel + c];
                        }
                    }
                }
            }
            y[at] = sum;
        }
        return y;
    }

    /** {largest, where} of {@code EncoderKernels.Pooling}. */
    public static double[][] maxPool(double[] x, int b, int height, int width, int c, PoolingGeometry g) {
        int h = Math.toIntExact(g.output(height));
        int w = Math.toIntExact(g.output(width));
        double[] y = new double[b * h * w * c];
        double[] index = new double[y.length];
        for (int at = 0; at < y.length; at++) {
            y[at] = Double.NEGATIVE_INFINITY;
            int sample = at / c / w / h;
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < width; column++) {
                    double value = x[((sample * height + row) * width + column) * c + at % c];
                    boolean within = isWithin(row, at / c / w % h, g) && isWithin(column, at / c % w, g);
                    if (within && value > y[at]) {
                        y[at] = value;
                        index[at] = row * width + column;
                    }
                }
            }
        }
        return new double[][] {y, index};
    }

    /** The mean of each window. */
    public static double[] averagePool(
            double[] x, int b, int height, int width, int c, PoolingGeometry g, boolean countPadding) {
        int h = Math.toIntExact(g.output(height));
        int w = Math.toIntExact(g.output(width));
        double[] y = new double[b * h * w * c];
        for (int at = 0; at < y.length; at++) {
            int sample = at / c / w / h;
            int count = 0;
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < width; column++) {
                    if (isWithin(row, at / c / w % h, g) && isWithin(column, at / c % w, g)) {
                        y[at] += x[((sample * height + row) * width + column) * c + at % c];
                        count++;
                    }
                }
            }
            y[at] /= countPadding ? g.size() * g.size() : count;
        }
        return y;
    }

    private static boolean isWithin(int place, int window, PoolingGeometry g) {
        int first = window * g.stride() - g.padding();
        return place >= first && place < first + g.size();
    }

    /**
     * {@code EncoderKernels.Resample} with whole matrices in place of taps.
     *
     * @param rows (h, height)
     * @param columns (w, width)
     */
    public static double[] resample(double[] x, double[][] rows, double[][] columns, int b, int c) {
        int height = rows[0].length;
        int width = columns[0].length;
        double[] y = new double[b * rows.length * columns.length * c];
        for (int at = 0; at < y.length; at++) {
            int j = at / c % columns.length;
            int i = at / c / columns.length % rows.length;
            int sample = at / c / columns.length / rows.length;
            for (int row = 0; row < height; row++) {
                for (int column = 0; column < width; column++) {
                    double value = x[((sample * height + row) * width + column) * c + at % c];
                    y[at] += rows[i][row] * columns[j][column] * value;
                }
            }
        }
        return y;
    }
}
