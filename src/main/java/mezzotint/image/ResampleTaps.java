package mezzotint.image;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import mezzotint.autograd.Tape;
import mezzotint.kernel.EncoderKernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * One axis of a resizing: which samples each result is made of, and with what weights.
 *
 * <pre>y_i = Σ_k weight(i, k) · x[start(i) + k],   k in [0, taps)</pre>
 *
 * The same taps resize on the CPU ({@link PlanarImage#resized}) and, differentiably, on a tape
 * ({@link mezzotint.autograd.EncoderOperations#resample}).
 */
public final class ResampleTaps {
    private final int sourceSize;
    private final int taps;
    private final int[] start; // (n)
    private final float[] weights; // (n, taps)

    private ResampleTaps(int sourceSize, int taps, int[] start, float[] weights) {
        this.sourceSize = sourceSize;
        this.taps = taps;
        this.start = start;
        this.weights = weights;
    }

    /**
     * Resizes to a given size, as {@code interpolate(size=…)} does.
     *
     * @param from samples of the source, ≥ 1
     * @param to samples of the result, ≥ 1
     * @throws IllegalArgumentException if a size is below 1
     */
    public static ResampleTaps toSize(Interpolation interpolation, int from, int to) {
        check(from, to);
        return of(interpolation, from, to, (float) from / to);
    }

    /**
     * Resizes by a factor, as {@code interpolate(scale_factor=…)} does: to {@code floor(from · factor)} samples that lie
     * 1/factor apart, even where that is not quite from/to.
     *
     * @param from samples of the source, ≥ 1
     * @param factor > 0
     * @throws IllegalArgumentException if nothing would be left
     */
    public static ResampleTaps byFactor(Interpolation interpolation, int from, double factor) {
        double to = Math.floor(from * factor);
        if (!(to >= 1 && to <= Integer.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "resizing %d samples by the factor %s leaves %s of them, expected at least 1"
                            .formatted(from, factor, to));
        }
        check(from, (int) to);
        return of(interpolation, from, (int) to, (float) (1 / factor));
    }

    private static void check(int from, int to) {
        if (from < 1 || to < 1) {
            throw new IllegalArgumentException(
                    "resizing goes from at least 1 sample to at least 1, got %d and %d".formatted(from, to));
        }
    }

    private static ResampleTaps of(Interpolation interpolation, int from, int to, float scale) {
        return of(
                from,
                IntStream.range(0, to)
                        .mapToObj(i -> interpolation.row(i, from, scale))
                        .toList());
    }

    private static ResampleTaps of(int from, List<TapRow> rows) {
        int taps = rows.stream().mapToInt(row -> row.weights().length).max().orElseThrow();
        int[] start = new int[rows.size()];
        float[] weights = new float[Math.multiplyExact(rows.size(), taps)];
        for (int i = 0; i < start.length; i++) {
            TapRow row = rows.get(i);
            start[i] = Math.min(row.first(), from - taps); // start + taps never passes the end
            int lead = i * taps + row.first() - start[i];
            for (int k = 0; k < row.weights().length; k++) {
                weights[lead + k] = (float) row.weights()[k];
            }
        }
        return new ResampleTaps(from, taps, start, weights);
    }

    /**
     * Only results {@code from} to {@code from + count}: a crop that is never computed whole.
     *
     * @throws IndexOutOfBoundsException if there are not so many
     */
    public ResampleTaps range(int from, int count) {
        Objects.checkFromIndexSize(from, count, size());
        return new ResampleTaps(
                sourceSize,
                taps,
                Arrays.copyOfRange(start, from, from + count),
                Arrays.copyOfRange(weights, from * taps, (from + count) * taps));
    }

    /** Samples of the source. */
    public int sourceSize() {
        return sourceSize;
    }

    /** Samples of the result. */
    public int size() {
        return start.length;
    }

    /** Weights a result has; some may be zero. */
    public int taps() {
        return taps;
    }

    /** First sample of result {@code i}; {@code start(i) + taps()} is at most {@link #sourceSize}. */
    public int start(int i) {
        return start[i];
    }

    /** Weight of sample {@code start(i) + k} in result {@code i}. */
    public float weight(int i, int k) {
        return weights[i * taps + Objects.checkIndex(k, taps)];
    }

    /** Where each result is its sample: a resizing to the same size. */
    boolean isIdentity() {
        return taps == 1
                && size() == sourceSize
                && Arrays.equals(start, IntStream.range(0, size()).toArray());
    }

    /** The taps as tensors that live as long as the tape. */
    public EncoderKernels.Resample.Taps onTape(Tape tape) {
        return new EncoderKernels.Resample.Taps(
                tape.allocate(Shape.of(size()), DType.I32).set(start), tape.constant(weights, size(), taps));
    }
}
