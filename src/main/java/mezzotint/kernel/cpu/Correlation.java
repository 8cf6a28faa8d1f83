package mezzotint.kernel.cpu;

import mezzotint.kernel.ConvolutionGeometry;

/**
 * One pass of taps over pictures, in the form that a convolution and the gradient of its input share.
 *
 * <pre>
 * target[b, firstRow + step·i, firstColumn + step·j, o] (+)= Σ_{u, v, c} weight[u, v, c, o] · source[b, stride·i + u − top, stride·j + v − left, c]
 * </pre>
 *
 * @param source what is read, zero outside
 * @param channels of the source that are summed over
 * @param target what is written
 * @param results channels of the target that are written
 * @param samples pictures
 * @param rows values of i
 * @param columns values of j
 * @param tapRows values of u
 * @param tapColumns values of v
 */
record Correlation(
        Picture source,
        int channels,
        Picture target,
        int results,
        int samples,
        int rows,
        int columns,
        int tapRows,
        int tapColumns,
        int stride,
        int top,
        int left,
        int step,
        int firstRow,
        int firstColumn) {

    /**
     * Pictures in memory, channels last.
     *
     * @param address of the first channel of interest
     * @param pitch floats from a pixel to the next
     */
    record Picture(long address, int height, int width, int pitch) {
        /** The same seen from a later channel on. */
        Picture from(int channel) {
            return new Picture(address + 4L * channel, height, width, pitch);
        }

        /** Address of a pixel. */
        long at(int sample, int row, int column) {
            return address + 4 * (((long) sample * height + row) * width + column) * pitch;
        }
    }

    /** The convolution itself. */
    static Correlation forward(
            Picture x, int channels, Picture y, int results, int samples, int kh, int kw, ConvolutionGeometry g) {
        return new Correlation(
                x,
                channels,
                y,
                results,
                samples,
                y.height(),
                y.width(),
                kh,
                kw,
                g.stride(),
                g.top(),
                g.left(),
                1,
                0,
                0);
    }

    /**
     * Those pixels of the input's gradient that lie ({@code row}, {@code column}) beyond multiples of the stride: they are met
     * by each stride-th tap alone, so that their gradient is a correlation of stride 1 with these taps, last one first.
     */
    static Correlation backward(
            Picture gradY,
            int results,
            Picture gradX,
            int channels,
            int samples,
            int kh,
            int kw,
            ConvolutionGeometry g,
            int row,
            int column) {
        int s = g.stride();
        int tapRows = taps(kh, firstTap(row, g.top(), s), s);
        int tapColumns = taps(kw, firstTap(column, g.left(), s), s);
        return new Correlation(
                gradY,
                results,
                gradX,
                channels,
                samples,
                (gradX.height() - row + s - 1) / s,
                (gradX.width() - column + s - 1) / s,
                tapRows,
                tapColumns,
                1,
                tapRows - 1 - (row + g.top()) / s,
                tapColumns - 1 - (column + g.left()) / s,
                s,
                row,
                column);
    }

    /** The first tap that meets pixels of this phase. */
    static int firstTap(int phase, int padding, int stride) {
        return (phase + padding) % stride;
    }

    private static int taps(int kernel, int first, int stride) {
        return first >= kernel ? 0 : (kernel - first + stride - 1) / stride;
    }

    /** Numbers summed for one result. */
    int depth() {
        return tapRows * tapColumns * channels;
    }

    /** Pixels written. */
    long pixels() {
        return (long) samples * rows * columns;
    }
}
