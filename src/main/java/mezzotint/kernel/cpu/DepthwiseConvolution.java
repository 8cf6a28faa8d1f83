package mezzotint.kernel.cpu;

import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.tensor.Tensor;

/** Convolution of every channel by itself: sums of products of rows of channels. */
final class DepthwiseConvolution {
    private static final int WEIGHTS_SLOT = 3;
    private static final int SUMS_SLOT = 4;

    private final CpuResources resources;
    private final CpuPointwise.Loops loops;

    DepthwiseConvolution(CpuResources resources) {
        this.resources = resources;
        this.loops = CpuPointwise.Loops.of(resources);
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

    void forward(Tensor y, Tensor x, Tensor weight, Tensor bias, ConvolutionGeometry geometry) {
        Call call = call(y, x, weight, geometry);
        long weights = pack(weight);
        int d = call.channels;
        resources.threads().forEach(call.samples * call.y.height(), (worker, line) -> {
            int sample = line / call.y.height();
            int i = line % call.y.height();
            for (int j = 0; j < call.y.width(); j++) {
                long to = call.y.at(sample, i, j);
                CpuMemory.check(to, 4L * d);
                if (bias == null) {
                    loops.fill(to, 0, d);
                } else {
                    loops.scale(to, bias.address(), 1, d);
                }
                forEachTap(call, i, j, (tap, row, column) -> {
                    long from = call.x.at(sample, row, column);
                    loops.gatedResidual(to, to, weights + 4L * tap * d, from, 1, d);
                });
            }
        });
    }

    void gradX(Tensor gradX, Tensor gradY, Tensor weight, ConvolutionGeometry geometry) {
        Call call = call(gradY, gradX, weight, geometry);
        long weights = pack(weight);
        int d = call.channels;
        int s = geometry.stride();
        resources.threads().forEach(call.samples * call.x.height(), (worker, line) -> {
            int sample = line / call.x.height();
            int row = line % call.x.height();
            for (int u = (row + geometry.top()) % s; u < call.kh; u += s) {
                int i = (row + geometry.top() - u) / s;
                if (row + geometry.top() < u || i >= call.y.height()) {
                    continue;
                }
                for (int column = 0; column < call.x.width(); column++) {
                    long to = call.x.at(sample, row, column);
                    CpuMemory.check(to, 4L * d);
                    for (int v = (column + geometry.left()) % s; v < call.kw; v += s) {
                        int j = (column + geometry.left() - v) / s;
                        if (column + geometry.left() >= v && j < call.y.width()) {
                            long w = weights + 4L * (u * call.kw + v) * d;
                            loops.gatedResidual(to, to, w, call.y.at(sample, i, j), 1, d);
                        }
                    }
                }
            }
        });
    }

    /** Sums by line, then over the lines in order. */
    void gradWeight(Tensor gradWeight, Tensor gradY, Tensor x, ConvolutionGeometry geometry) {
        Call call = call(gradY, x, gradWeight, geometry);
        int d = call.channels;
        int taps = call.kh * call.kw;
        int pieces = Math.min(64, call.samples * call.y.height());
        long sums = resources.scratch().shared(SUMS_SLOT, 4L * taps * d * Math.max(1, pieces));
        int lines = call.samples * call.y.height();
        resources.threads().forEach(pieces, (worker, piece) -> {
            long into = PartialSums.clear(sums, piece, taps * d);
            for (int line = piece * lines / pieces; line < (piece + 1) * lines / pieces; line++) {
                int sample = line / call.y.height();
                int i = line % call.y.height();
                for (int j = 0; j < call.y.width(); j++) {
                    long grad = call.y.at(sample, i, j);
                    forEachTap(call, i, j, (tap, row, column) -> {
                        long to = into + 4L * tap * d;
                        loops.gatedResidual(to, to, grad, call.x.at(sample, row, column), 1, d);
                    });
                }
            }
        });
        for (int piece = 0; piece < pieces; piece++) {
            for (int tap = 0; tap < taps; tap++) {
                for (int c = 0; c < d; c++) {
                    long from = sums + 4L * ((long) piece * taps + tap) * d;
                    Floats.add(gradWeight.address(), (long) c * taps + tap, Floats.get(from, c));
                }
            }
        }
    }

    @FunctionalInterface
    private interface Tap {
        void at(int tap, int row, int column);
    }

    /** Every tap of a result that lies within the picture. */
    private static void forEachTap(Call call, int i, int j, Tap tap) {
        ConvolutionGeometry g = call.geometry;
        for (int u = 0; u < call.kh; u++) {
            int row = g.stride() * i + u - g.top();
            for (int v = 0; v < call.kw && row >= 0 && row < call.x.height(); v++) {
                int column = g.stride() * j + v - g.left();
                if (column >= 0 && column < call.x.width()) {
                    tap.at(u * call.kw + v, row, column);
                }
            }
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
