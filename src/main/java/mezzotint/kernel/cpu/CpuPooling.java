package mezzotint.kernel.cpu;

import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Pooling} on the CPU; a chunk is one line of the tensor that is written. */
final class CpuPooling implements EncoderKernels.Pooling {
    /** The loop over one pixel of a window. */
    interface Maxima {
        /**
         * Takes those of d channels that are larger than the largest so far, or all of the {@code first} pixel.
         *
         * <p>What is not a number is larger than all, as upstream has it: a fault shall not be hidden.
         */
        void take(long y, long index, long x, int place, int d, boolean first);

        /** The loop of this width. */
        static Maxima of(CpuResources resources) {
            return resources.vectors() == VectorWidth.PLAIN ? new PlainMaxima() : new VectorMaxima();
        }
    }

    private final CpuThreads threads;
    private final CpuPointwise.Loops loops;
    private final Maxima maxima;

    CpuPooling(CpuResources resources) {
        threads = resources.threads();
        loops = CpuPointwise.Loops.of(resources);
        maxima = Maxima.of(resources);
    }

    @Override
    public void max(Tensor y, Tensor index, Tensor x, PoolingGeometry g) {
        var from = CpuConvolution.picture(x);
        var to = CpuConvolution.picture(y);
        var found = CpuConvolution.picture(index);
        int d = from.pitch();
        threads.forEach(y.shape().size(0) * to.height(), (worker, line) -> {
            int sample = line / to.height();
            int i = line % to.height();
            for (int j = 0; j < to.width(); j++) {
                long out = to.at(sample, i, j);
                long places = found.at(sample, i, j);
                Pieces.check(d, out, places);
                int row0 = i * g.stride() - g.padding();
                int column0 = j * g.stride() - g.padding();
                boolean first = true;
                for (int row = Math.max(0, row0); row < Math.min(from.height(), row0 + g.size()); row++) {
                    int end = Math.min(from.width(), column0 + g.size());
                    for (int column = Math.max(0, column0); column < end; column++) {
                        long source = from.at(sample, row, column);
                        CpuMemory.check(source, 4L * d);
                        maxima.take(out, places, source, row * from.width() + column, d, first);
                        first = false;
                    }
                }
            }
        });
    }

    @Override
    public void maxBackward(Tensor gradX, Tensor gradY, Tensor index, PoolingGeometry g) {
        if (gradX == null) {
            return;
        }
        var into = CpuConvolution.picture(gradX);
        var from = CpuConvolution.picture(gradY);
        var found = CpuConvolution.picture(index);
        int d = into.pitch();
        threads.forEach(gradX.shape().size(0) * into.height(), (worker, line) -> {
            int sample = line / into.height();
            int row = line % into.height();
            long line0 = into.at(sample, row, 0);
            CpuMemory.check(line0, 4L * into.width() * d);
            for (int i = firstWindow(row, g); i <= lastWindow(row, g, from.height()); i++) {
                for (int j = 0; j < from.width(); j++) {
                    long grad = from.at(sample, i, j);
                    long places = found.at(sample, i, j);
                    for (int c = 0; c < d; c++) {
                        int column = Floats.getInt(places, c) - row * into.width();
                        if (column >= 0 && column < into.width()) {
                            Floats.add(line0 + 4L * column * d, c, Floats.get(grad, c));
                        }
                    }
                }
            }
        });
    }

    private static int firstWindow(int place, PoolingGeometry g) {
        return Math.max(0, Math.floorDiv(place + g.padding() - g.size(), g.stride()) + 1);
    }

    private static int lastWindow(int place, PoolingGeometry g, int windows) {
        return Math.min(windows - 1, (place + g.padding()) / g.stride());
    }

    @Override
    public void average(Tensor y, Tensor x, PoolingGeometry g, boolean countPadding) {
        var from = CpuConvolution.picture(x);
        var to = CpuConvolution.picture(y);
        int d = from.pitch();
        threads.forEach(y.shape().size(0) * to.height(), (worker, line) -> {
            int sample = line / to.height();
            int i = line % to.height();
            int firstRow = Math.max(0, i * g.stride() - g.padding());
            for (int j = 0; j < to.width(); j++) {
                long out = to.at(sample, i, j);
                CpuMemory.check(out, 4L * d);
                loops.fill(out, 0, d);
                int firstColumn = Math.max(0, j * g.stride() - g.padding());
                for (int row = firstRow; row < end(i, from.height(), g); row++) {
                    for (int column = firstColumn; column < end(j, from.width(), g); column++) {
                        loops.add(out, out, from.at(sample, row, column), d);
                    }
                }
                loops.scale(out, out, weight(i, j, from, g, countPadding), d);
            }
        });
    }

    /** Where a window ends within the picture. */
    private static int end(int window, int side, PoolingGeometry g) {
        return Math.min(side, window * g.stride() - g.padding() + g.size());
    }

    /** One over what a window counts; padding counts as far as it reaches, a window never reaches beyond it. */
    private static float weight(int i, int j, Correlation.Picture x, PoolingGeometry g, boolean countPadding) {
        if (countPadding) {
            return 1f / (g.size() * g.size());
        }
        int rows = end(i, x.height(), g) - Math.max(0, i * g.stride() - g.padding());
        int columns = end(j, x.width(), g) - Math.max(0, j * g.stride() - g.padding());
        return 1f / (rows * columns);
    }

    @Override
    public void averageBackward(Tensor gradX, Tensor gradY, PoolingGeometry g, boolean countPadding) {
        if (gradX == null) {
            return;
        }
        var into = CpuConvolution.picture(gradX);
        var from = CpuConvolution.picture(gradY);
        int d = into.pitch();
        threads.forEach(gradX.shape().size(0) * into.height(), (worker, line) -> {
            int sample = line / into.height();
            int row = line % into.height();
            for (int column = 0; column < into.width(); column++) {
                long to = into.at(sample, row, column);
                CpuMemory.check(to, 4L * d);
                for (int i = firstWindow(row, g); i <= lastWindow(row, g, from.height()); i++) {
                    for (int j = firstWindow(column, g); j <= lastWindow(column, g, from.width()); j++) {
                        loops.addScaled(to, from.at(sample, i, j), weight(i, j, into, g, countPadding), d);
                    }
                }
            }
        });
    }
}
