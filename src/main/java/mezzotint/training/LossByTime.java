package mezzotint.training;

/** Mean loss in bins of time, as PRX logs it: [0, 0.3), [0.3, 0.6), [0.6, 1]. Not safe for several threads. */
public final class LossByTime {
    private static final float[] EDGES = {0.3f, 0.6f};

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

    /** Forgets everything. */
    public void reset() {
        java.util.Arrays.fill(sums, 0);
        java.util.Arrays.fill(counts, 0);
    }
}
