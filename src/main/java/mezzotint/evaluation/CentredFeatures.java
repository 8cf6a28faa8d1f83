package mezzotint.evaluation;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_MT_DDRM;

/**
 * A set's features about their mean, scaled so that FᵀF is the covariance.
 *
 * @param count N, pictures, each as often as it was chosen
 * @param mean μ, (D)
 * @param rows F, (distinct pictures, D): √(times chosen / (N − 1)) · (x − μ)
 */
record CentredFeatures(long count, double[] mean, DMatrixRMaj rows) {
    static CentredFeatures of(Features set) {
        int[] once = new int[set.rows()];
        java.util.Arrays.fill(once, 1);
        return of(set, once);
    }

    /** Of a sample that has picture i {@code times[i]} ≥ 0 times. */
    static CentredFeatures of(Features set, int[] times) {
        int width = set.width();
        double[] mean = new double[width];
        long count = 0;
        int distinct = 0;
        for (int row = 0; row < set.rows(); row++) {
            count += times[row];
            distinct += times[row] > 0 ? 1 : 0;
            for (int i = 0; times[row] > 0 && i < width; i++) {
                mean[i] += (double) times[row] * set.values()[row * width + i];
            }
        }
        FeatureMoments.requireTwo(count);
        for (int i = 0; i < width; i++) {
            mean[i] /= count;
        }
        DMatrixRMaj rows = new DMatrixRMaj(distinct, width);
        int to = 0;
        for (int row = 0; row < set.rows(); row++) {
            double scale = Math.sqrt(times[row] / (count - 1.0));
            for (int i = 0; times[row] > 0 && i < width; i++) {
                rows.data[to++] = scale * (set.values()[row * width + i] - mean[i]);
            }
        }
        return new CentredFeatures(count, mean, rows);
    }

    FeatureMoments moments() {
        return new FeatureMoments(count, mean, covariance().data);
    }

    DMatrixRMaj covariance() {
        DMatrixRMaj covariance = new DMatrixRMaj(rows.numCols, rows.numCols);
        CommonOps_MT_DDRM.multTransA(rows, rows, covariance);
        return covariance;
    }

    /** tr Σ. */
    double trace() {
        double trace = 0;
        for (double x : rows.data) {
            trace += x * x;
        }
        return trace;
    }
}
