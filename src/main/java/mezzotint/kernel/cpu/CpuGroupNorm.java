package mezzotint.kernel.cpu;

import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.Tensor;

/**
 * Group normalisation on the CPU: sums over the pixels of every channel, in float64 and in pieces, from which all else follows.
 *
 * <p>With A = Σ gradY and B = Σ gradY·x per channel, the gradients of shift and scale are A and (B − mean·A)·rstd, and those
 * weighted by the scale and summed over a group are the two means that the gradient of x needs.
 */
final class CpuGroupNorm implements EncoderKernels.GroupNorm {
    private static final int SUMS_SLOT = 0;
    private static final int FACTORS_SLOT = 1;

    /** Four factors a channel. */
    private static final long FACTOR_BYTES = 16;

    private final CpuResources resources;
    private final ChannelLoops loops;

    CpuGroupNorm(CpuResources resources) {
        this.resources = resources;
        this.loops = ChannelLoops.of(resources);
    }

    /** Sizes of a call. */
    private record Sizes(int samples, int pixels, int channels, int groups) {
        static Sizes of(Tensor x, Tensor mean) {
            return new Sizes(
                    x.shape().size(0),
                    x.shape().size(1),
                    x.shape().size(2),
                    mean.shape().size(1));
        }

        int rowsPerPiece() {
            return Math.max(1, Pieces.ELEMENTS / Math.max(1, channels));
        }

        int pieces() {
            return (pixels + rowsPerPiece() - 1) / rowsPerPiece();
        }

        /** Address of a sample's factors. */
        long factors(long address, int sample) {
            return address + FACTOR_BYTES * channels * sample;
        }

        /** Numbers of one group. */
        double count() {
            return (double) pixels * (channels / groups);
        }
    }

    @Override
    public void forward(Tensor y, Tensor mean, Tensor rstd, Tensor x, Tensor scale, Tensor shift, float eps) {
        Sizes n = Sizes.of(x, mean);
        long sums = sums(n, x.address(), x.address());
        long factors = resources.scratch().shared(FACTORS_SLOT, FACTOR_BYTES * n.channels * n.samples);
        for (int group = 0; group < n.samples * n.groups; group++) {
            groupFactors(n, group, sums, factors, mean, rstd, scale, shift, eps);
        }
        Pieces.forEachSample(resources.threads(), n.samples, n.pixels, n.channels, (sample, from, count) -> {
            long skip = 4 * ((long) sample * n.pixels + from) * n.channels;
            Pieces.check((long) count * n.channels, x.address() + skip, y.address() + skip);
            loops.normalise(y.address() + skip, x.address() + skip, n.factors(factors, sample), count, n.channels);
        });
    }

    /** Mean and rstd of a group, and what its channels are normalised with. */
    private static void groupFactors(
            Sizes n,
            int group,
            long sums,
            long factors,
            Tensor mean,
            Tensor rstd,
            Tensor scale,
            Tensor shift,
            float eps) {
        int width = n.channels / n.groups;
        double sum = 0;
        double squares = 0;
        for (int c = 0; c < width; c++) {
            sum += Floats.getDouble(sums, at(n, group, c, 0));
            squares += Floats.getDouble(sums, at(n, group, c, 1));
        }
        double m = sum / n.count();
        double r = 1 / Math.sqrt(Math.max(0, squares / n.count() - m * m) + eps);
        Floats.set(mean.address(), group, (float) m);
        Floats.set(rstd.address(), group, (float) r);
        // What the mean loses in float32 goes into the shift.
        double lost = m - (float) m;
        long to = n.factors(factors, group / n.groups);
        for (int c = 0; c < width; c++) {
            int channel = group % n.groups * width + c;
            double factor = r * Floats.get(scale.address(), channel);
            Floats.set(to, channel, (float) m);
            Floats.set(to, (long) n.channels + channel, (float) factor);
            Floats.set(to, 2L * n.channels + channel, (float) (Floats.get(shift.address(), channel) - lost * factor));
        }
    }

    @Override
    public void backward(
            Tensor gradX,
            Tensor gradScale,
            Tensor gradShift,
            Tensor gradY,
            Tensor x,
            Tensor mean,
            Tensor rstd,
            Tensor scale) {
        Sizes n = Sizes.of(x, mean);
        long sums = sums(n, gradY.address(), x.address());
        long factors = resources.scratch().shared(FACTORS_SLOT, FACTOR_BYTES * n.channels * n.samples);
        for (int group = 0; group < n.samples * n.groups; group++) {
            groupGradients(n, group, sums, factors, gradScale, gradShift, mean, rstd, scale);
        }
        if (gradX == null) {
            return;
        }
        Pieces.forEachSample(resources.threads(), n.samples, n.pixels, n.channels, (sample, from, count) -> {
            long skip = 4 * ((long) sample * n.pixels + from) * n.channels;
            Pieces.check((long) count * n.channels, gradX.address() + skip, gradY.address() + skip, x.address() + skip);
            loops.addGradient(
                    gradX.address() + skip,
                    gradY.address() + skip,
                    x.address() + skip,
                    n.factors(factors, sample),
                    count,
                    n.channels);
        });
    }

    /** gradX is linear in gradY and x for every channel: the factors, and the gradients of scale and shift on the way. */
    private static void groupGradients(
            Sizes n,
            int group,
            long sums,
            long factors,
            Tensor gradScale,
            Tensor gradShift,
            Tensor mean,
            Tensor rstd,
            Tensor scale) {
        int width = n.channels / n.groups;
        double m = Floats.get(mean.address(), group);
        double r = Floats.get(rstd.address(), group);
        double direct = 0;
        double along = 0;
        for (int c = 0; c < width; c++) {
            int channel = group % n.groups * width + c;
            double a = Floats.getDouble(sums, at(n, group, c, 0));
            double b = (Floats.getDouble(sums, at(n, group, c, 1)) - m * a) * r;
            if (gradShift != null) {
                Floats.add(gradShift.address(), channel, (float) a);
            }
            if (gradScale != null) {
                Floats.add(gradScale.address(), channel, (float) b);
            }
            direct += a * Floats.get(scale.address(), channel);
            along += b * Floats.get(scale.address(), channel);
        }
        double slope = -along / n.count() * r * r;
        double constant = -direct / n.count() * r;
        long to = n.factors(factors, group / n.groups);
        for (int c = 0; c < width; c++) {
            int channel = group % n.groups * width + c;
            Floats.set(to, channel, (float) m);
            Floats.set(to, (long) n.channels + channel, (float) slope);
            Floats.set(to, 2L * n.channels + channel, (float) constant);
            Floats.set(to, 3L * n.channels + channel, (float) (r * Floats.get(scale.address(), channel)));
        }
    }

    private static long at(Sizes n, int group, int c, int which) {
        int channel = group % n.groups * (n.channels / n.groups) + c;
        return (2L * (group / n.groups) + which) * n.channels + channel;
    }

    /** Σ a and Σ a·b over the pixels of every channel: (B, 2, C) in float64. */
    private long sums(Sizes n, long a, long b) {
        int pieces = n.pieces();
        long row = 16L * n.channels;
        long partials = resources.scratch().shared(SUMS_SLOT, row * n.samples * (pieces + 1L));
        long totals = partials + row * n.samples * pieces;
        int piece = n.rowsPerPiece();
        resources.threads().forEach(n.samples * pieces, (worker, chunk) -> {
            int from = chunk % pieces * piece;
            long skip = 4 * ((long) (chunk / pieces) * n.pixels + from) * n.channels;
            int count = Math.min(piece, n.pixels - from);
            Pieces.check((long) count * n.channels, a + skip, b + skip);
            loops.sums(partials + row * chunk, a + skip, b + skip, count, n.channels);
        });
        for (int sample = 0; sample < n.samples; sample++) {
            long total = totals + row * sample;
            for (int i = 0; i < 2 * n.channels; i++) {
                double sum = 0;
                for (int p = 0; p < pieces; p++) {
                    sum += Floats.getDouble(partials + row * ((long) sample * pieces + p), i);
                }
                Floats.setDouble(total, i, sum);
            }
        }
        return totals;
    }
}
