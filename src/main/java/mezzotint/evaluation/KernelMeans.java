package mezzotint.evaluation;

import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_MT_DDRM;

/**
 * Means of a kernel over all pairs of features, for a pair of sets and for samples of them at once: the kernel is computed a
 * chunk of rows at a time and never stored whole.
 *
 * @param kernel k
 * @param chunkRows rows of a chunk
 * @param withItself whether a picture is paired with itself (the biased estimator) or not (the unbiased one)
 */
record KernelMeans(Kernel kernel, int chunkRows, boolean withItself) {
    /** A kernel of two features. */
    @FunctionalInterface
    interface Kernel {
        /**
         * k(x, y).
         *
         * @param dot x·y
         * @param squareX x·x
         * @param squareY y·y
         */
        double of(double dot, double squareX, double squareY);
    }

    /**
     * Means, one a sample.
     *
     * @param xx over pairs of the first set
     * @param yy over pairs of the second set
     * @param xy over pairs across
     */
    record Means(double[] xx, double[] yy, double[] xy) {
        /** xx + yy − 2 xy, one a sample. */
        double[] discrepancies() {
            double[] values = new double[xx.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = xx[i] + yy[i] - 2 * xy[i];
            }
            return values;
        }
    }

    /** A set as a matrix, with its rows' squares and how often they are in each sample. */
    private record Weighted(DMatrixRMaj x, double[] squares, double[][] times) {}

    Means of(Features x, Features y, Multiplicities samples) {
        Weighted first = weighted(x, samples);
        Weighted second = weighted(y, samples.ofOtherSet());
        return new Means(within(first), within(second), mean(first, second, true));
    }

    private double[] within(Weighted set) {
        return mean(set, set, withItself);
    }

    private static Weighted weighted(Features set, Multiplicities samples) {
        DMatrixRMaj x = FeatureMoments.matrix(set);
        double[] squares = new double[set.rows()];
        for (int i = 0; i < x.data.length; i++) {
            squares[i / set.width()] += x.data[i] * x.data[i];
        }
        double[][] times = new double[samples.count()][];
        for (int sample = 0; sample < times.length; sample++) {
            times[sample] = IntStream.of(samples.of(sample, set.rows()))
                    .asDoubleStream()
                    .toArray();
        }
        return new Weighted(x, squares, times);
    }

    private double[] mean(Weighted x, Weighted y, boolean diagonal) {
        int samples = x.times.length;
        double[] sums = new double[samples];
        for (int begin = 0; begin < x.x.numRows; begin += chunkRows) {
            int rows = Math.min(chunkRows, x.x.numRows - begin);
            DMatrixRMaj chunk = kernels(x, begin, rows, y, diagonal);
            int from = begin;
            IntStream.range(0, samples).parallel().forEach(sample -> sums[sample] += sum(chunk, from, x, y, sample));
        }
        for (int sample = 0; sample < samples; sample++) {
            sums[sample] /= pairs(x.times[sample], y.times[sample], diagonal);
        }
        return sums;
    }

    /** k(xᵢ, yⱼ), (rows, M); 0 for i = j where a picture is not paired with itself. */
    private DMatrixRMaj kernels(Weighted x, int begin, int rows, Weighted y, boolean diagonal) {
        int width = x.x.numCols;
        DMatrixRMaj some = DMatrixRMaj.wrap(
                rows, width, java.util.Arrays.copyOfRange(x.x.data, begin * width, (begin + rows) * width));
        DMatrixRMaj chunk = new DMatrixRMaj(rows, y.x.numRows);
        CommonOps_MT_DDRM.multTransB(some, y.x, chunk);
        IntStream.range(0, rows).parallel().forEach(i -> {
            for (int j = 0; j < y.x.numRows; j++) {
                int at = i * y.x.numRows + j;
                boolean skipped = !diagonal && begin + i == j;
                chunk.data[at] = skipped ? 0 : kernel.of(chunk.data[at], x.squares[begin + i], y.squares[j]);
            }
        });
        return chunk;
    }

    private static double sum(DMatrixRMaj chunk, int begin, Weighted x, Weighted y, int sample) {
        double[] timesX = x.times[sample];
        double[] timesY = y.times[sample];
        double sum = 0;
        for (int i = 0; i < chunk.numRows; i++) {
            if (timesX[begin + i] == 0) {
                continue;
            }
            double row = 0;
            for (int j = 0; j < chunk.numCols; j++) {
                row += timesY[j] * chunk.data[i * chunk.numCols + j];
            }
            sum += timesX[begin + i] * row;
        }
        return sum;
    }

    private static double pairs(double[] timesX, double[] timesY, boolean diagonal) {
        double x = 0;
        double y = 0;
        double same = 0;
        for (double t : timesX) {
            x += t;
            same += diagonal ? 0 : t * t;
        }
        for (double t : timesY) {
            y += t;
        }
        return x * y - same;
    }
}
