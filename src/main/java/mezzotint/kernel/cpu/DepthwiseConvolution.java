package mezzotint.kernel.cpu;

import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.tensor.Tensor;

/** Convolution of every channel by itself: sums of products of rows of channels. */
final class DepthwiseConvolution {
    private static final int WEIGHTS_SLOT = 3;
    private static final int SUMS_SLOT = 4;

    /** About so many partial sums of the weights' gradient. */
    private static final int PIECES = 64;

    private final CpuResources resources;
    private final TapLoops loops;

    DepthwiseConvolution(CpuResources resources) {
        this.resources = resources;
        this.loops = TapLoops.of(resources);
    }

    /** A call's pictures and sizes. */
    private record Call(
            Correlation.Picture x,
            Correlation.Picture y,
            int samples,
            int channels,
            int kh,
            int kw,
            ConvolutionGeometry geometry) {}

    private static Call call(Tensor y, Tensor x, Tensor weight, ConvolutionGeometry geometry) {
        return new Call(
                CpuConvolution.picture(x),
                CpuConvolution.picture(y),
                x.shape().size(0),
                x.shape().size(3),
                weight.shape().size(2),
                weight.shape().size(3),
                geometry);
    }

    /** Taps {@code first} (inclusive) to {@code end} (exclusive) of a side meet the picture at {@code start} and on. */
    private record Span(int first, int end, int start) {
        static Span of(int result, int stride, int padding, int taps, int side) {
            int start = result * stride - padding;
            int first = Math.clamp(-(long) start, 0, taps);
            int end = Math.clamp((long) side - start, first, taps);
            return new Span(first, end, start + first);
        }

        int count() {
            return end - first;
        }
    }

    void forward(Tensor y, Tensor x, Tensor weight, Tensor bias, ConvolutionGeometry g) {
        Call call = call(y, x, weight, g);
        long weights = pack(weight);
        long pixel = 4L * call.channels;
        resources.threads().forEach(call.samples * call.y.height(), (worker, line) -> {
            int sample = line / call.y.height();
            int i = line % call.y.height();
            Span rows = Span.of(i, g.stride(), g.top(), call.kh, call.x.height());
            for (int j = 0; j < call.y.width(); j++) {
                Span columns = Span.of(j, g.stride(), g.left(), call.kw, call.x.width());
                loops.sum(
                        call.y.at(sample, i, j),
                        Pieces.address(bias),
                        call.x.at(sample, rows.start, columns.start),
                        pixel * call.x.width(),
                        pixel,
                        weights + pixel * (rows.first * call.kw + columns.first),
                        pixel * call.kw,
                        pixel,
                        rows.count(),
                        columns.count(),
                        call.channels);
            }
        });
    }

    /** Every stride-th tap meets a pixel, each from the result before that of the last. */
    void gradX(Tensor gradX, Tensor gradY, Tensor weight, ConvolutionGeometry g) {
        Call call = call(gradY, gradX, weight, g);
        long weights = pack(weight);
        long pixel = 4L * call.channels;
        int s = g.stride();
        resources.threads().forEach(call.samples * call.x.height(), (worker, line) -> {
            int sample = line / call.x.height();
            int row = line % call.x.height();
            int u = firstTap(row + g.top(), s, call.y.height());
            int rows = taps(u, Math.min(call.kh - 1, row + g.top()), s);
            for (int column = 0; column < call.x.width() && rows > 0; column++) {
                int v = firstTap(column + g.left(), s, call.y.width());
                int columns = taps(v, Math.min(call.kw - 1, column + g.left()), s);
                if (columns > 0) {
                    long to = call.x.at(sample, row, column);
                    loops.sum(
                            to,
                            to,
                            call.y.at(sample, (row + g.top() - u) / s, (column + g.left() - v) / s),
                            -pixel * call.y.width(),
                            -pixel,
                            weights + pixel * (u * call.kw + v),
                            pixel * call.kw * s,
                            pixel * s,
                            rows,
                            columns,
                            call.channels);
                }
            }
        });
    }

    /** The first tap that takes {@code place}, counted from the padding's edge, to one of {@code results} results. */
    private static int firstTap(int place, int stride, int results) {
        int first = place % stride;
        int beyond = place - first - stride * (results - 1);
        return first + Math.max(0, beyond);
    }

    private static int taps(int first, int last, int stride) {
        return last < first ? 0 : (last - first) / stride + 1;
    }

    /** Sums by pieces of lines, then over the pieces in order. */
    void gradWeight(Tensor gradWeight, Tensor gradY, Tensor x, ConvolutionGeometry g) {
        Call call = call(gradY, x, gradWeight, g);
        int taps = call.kh * call.kw;
        int floats = taps * call.channels;
        int lines = Math.max(1, call.samples * call.y.height() / PIECES);
        int perSample = (call.y.height() + lines - 1) / lines;
        int pieces = call.samples * perSample;
        long sums = resources.scratch().shared(SUMS_SLOT, 4L * floats * Math.max(1, pieces));
        resources.threads().forEach(pieces, (worker, piece) -> {
            long into = PartialSums.clear(sums, piece, floats);
            int first = piece % perSample * lines;
            int end = Math.min(call.y.height(), first + lines);
            for (int tap = 0; tap < taps; tap++) {
                addTap(call, piece / perSample, first, end, tap, into + 4L * tap * call.channels);
            }
        });
        for (int i = 0; i < floats; i++) {
            float sum = 0;
            for (int piece = 0; piece < pieces; piece++) {
                sum += Floats.get(sums + 4L * floats * piece, i);
            }
            int tap = i / call.channels;
            Floats.add(gradWeight.address(), (long) (i % call.channels) * taps + tap, sum);
        }
    }

    /** Adds the products that results of lines [first, end) of a sample have with what one tap sees. */
    private void addTap(Call call, int sample, int first, int end, int tap, long to) {
        ConvolutionGeometry g = call.geometry;
        int s = g.stride();
        int u = tap / call.kw;
        int v = tap % call.kw;
        int i = Math.max(first, Math.ceilDiv(g.top() - u, s));
        int rows = Math.min(end, Math.ceilDiv(call.x.height() + g.top() - u, s)) - i;
        int j = Math.max(0, Math.ceilDiv(g.left() - v, s));
        int columns = Math.min(call.y.width(), Math.ceilDiv(call.x.width() + g.left() - v, s)) - j;
        if (rows > 0 && columns > 0) {
            long pixel = 4L * call.channels;
            loops.sum(
                    to,
                    to,
                    call.y.at(sample, i, j),
                    pixel * call.y.width(),
                    pixel,
                    call.x.at(sample, i * s + u - g.top(), j * s + v - g.left()),
                    pixel * call.x.width() * s,
                    pixel * s,
                    rows,
                    columns,
                    call.channels);
        }
    }

    /** Weights in the order tap, channel. */
    private long pack(Tensor weight) {
        int channels = weight.shape().size(0);
        int taps = weight.shape().size(2) * weight.shape().size(3);
        var weights = new TapWeights(weight.address(), weight.dtype(), taps, 0, 0, 1, 1);
        long packed = resources.scratch().shared(WEIGHTS_SLOT, 4L * taps * channels);
        for (int tap = 0; tap < taps; tap++) {
            for (int c = 0; c < channels; c++) {
                Floats.set(packed, (long) tap * channels + c, weights.get(0, tap, 0, c));
            }
        }
        return packed;
    }
}
