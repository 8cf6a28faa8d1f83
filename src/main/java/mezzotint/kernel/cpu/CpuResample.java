package mezzotint.kernel.cpu;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Resample} on the CPU: a line of sums over rows first, then its sums over columns. */
final class CpuResample implements EncoderKernels.Resample {
    private static final int SLOT = 0;

    private final CpuResources resources;
    private final CpuPointwise.Loops loops;

    CpuResample(CpuResources resources) {
        this.resources = resources;
        this.loops = CpuPointwise.Loops.of(resources);
    }

    /** One axis by address. */
    private record Axis(long start, long weights, int count, int taps) {
        static Axis of(Taps taps) {
            return new Axis(
                    taps.start().address(),
                    taps.weights().address(),
                    taps.weights().shape().size(0),
                    taps.weights().shape().size(1));
        }

        int start(int i) {
            return Floats.getInt(start, i);
        }

        float weight(int i, int tap) {
            return Floats.get(weights, (long) i * taps + tap);
        }
    }

    @Override
    public void forward(Tensor y, Tensor x, Taps rows, Taps columns) {
        Axis down = Axis.of(rows);
        Axis across = Axis.of(columns);
        var from = CpuConvolution.picture(x);
        var to = CpuConvolution.picture(y);
        int d = from.pitch();
        int width = from.width() * d;
        resources.threads().forEach(y.shape().size(0) * to.height(), (worker, line) -> {
            int sample = line / to.height();
            int i = line % to.height();
            long sums = resources.scratch().worker(worker, SLOT, 4L * width);
            loops.fill(sums, 0, width);
            for (int u = 0; u < down.taps; u++) {
                if (down.weight(i, u) != 0) {
                    long source = from.at(sample, down.start(i) + u, 0);
                    CpuMemory.check(source, 4L * width);
                    loops.addScaled(sums, source, down.weight(i, u), width);
                }
            }
            for (int j = 0; j < to.width(); j++) {
                long target = to.at(sample, i, j);
                CpuMemory.check(target, 4L * d);
                loops.scale(target, sums + 4L * across.start(j) * d, across.weight(j, 0), d);
                for (int v = 1; v < across.taps; v++) {
                    if (across.weight(j, v) != 0) {
                        loops.addScaled(target, sums + 4L * (across.start(j) + v) * d, across.weight(j, v), d);
                    }
                }
            }
        });
    }

    @Override
    public void backward(Tensor gradX, Tensor gradY, Taps rows, Taps columns) {
        if (gradX == null) {
            return;
        }
        Axis down = Axis.of(rows);
        Axis across = Axis.of(columns);
        var into = CpuConvolution.picture(gradX);
        var from = CpuConvolution.picture(gradY);
        int d = into.pitch();
        int width = from.width() * d;
        resources.threads().forEach(gradX.shape().size(0) * into.height(), (worker, line) -> {
            int sample = line / into.height();
            int row = line % into.height();
            long sums = resources.scratch().worker(worker, SLOT, 4L * width);
            loops.fill(sums, 0, width);
            for (int i = 0; i < down.count; i++) {
                int u = row - down.start(i);
                if (u >= 0 && u < down.taps && down.weight(i, u) != 0) {
                    loops.addScaled(sums, from.at(sample, i, 0), down.weight(i, u), width);
                }
            }
            for (int j = 0; j < across.count; j++) {
                for (int v = 0; v < across.taps; v++) {
                    if (across.weight(j, v) != 0) {
                        long target = into.at(sample, row, across.start(j) + v);
                        CpuMemory.check(target, 4L * d);
                        loops.addScaled(target, sums + 4L * j * d, across.weight(j, v), d);
                    }
                }
            }
        });
    }
}
