package mezzotint.training;

import java.util.Arrays;
import java.util.List;

/** Mean loss in bins of time, as PRX logs it: [0, 0.3), [0.3, 0.6), [0.6, 1]. Not safe for several threads. */
public final class LossByTime {
    private static final float[] EDGES = {0.3f, 0.6f};

    /**
     * Everything gathered since the last reset.
     *
     * @param sums of losses, one a bin
     * @param counts of samples, one a bin
     */
    public record State(List<Double> sums, List<Long> counts) {
        /** Nothing gathered. */
        public static final State EMPTY = new LossByTime().state();

        /** @throws IllegalArgumentException unless there is one of each for every bin */
        public State {
            sums = List.copyOf(sums);
            counts = List.copyOf(counts);
            if (sums.size() != EDGES.length + 1 || counts.size() != sums.size()) {
                throw new IllegalArgumentException("loss by time: expected %d sums and counts, got %d and %d"
                        .formatted(EDGES.length + 1, sums.size(), counts.size()));
            }
        }
    }

    private final double[] sums = new double[EDGES.length + 1];
    private final long[] counts = new long[EDGES.length + 1];

    /** Adds the losses of a batch, one per sample, with their times. */
    public void add(float[] times, float[] losses) {
        for (int i = 0; i < times.length; i++) {
            int bin = 0;
            while (bin < EDGES.length && times[i] >= EDGES[bin]) {
                bin++;
            }
            sums[bin] += losses[i];
            counts[bin]++;
        }
    }

    /** Mean of every bin since the last reset, NaN for one without samples. */
    public double[] means() {
        double[] means = new double[sums.length];
        for (int i = 0; i < means.length; i++) {
            means[i] = counts[i] == 0 ? Double.NaN : sums[i] / counts[i];
        }
        return means;
    }

    /** What was gathered, to be saved. */
    public State state() {
        return new State(
                Arrays.stream(sums).boxed().toList(),
                Arrays.stream(counts).boxed().toList());
    }

    /** Goes on from what was gathered before. */
    public void resume(State state) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] = state.sums().get(i);
            counts[i] = state.counts().get(i);
        }
    }

    /** Forgets everything. */
    public void reset() {
        Arrays.fill(sums, 0);
        Arrays.fill(counts, 0);
    }
}
