package mezzotint.evaluation;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_MT_DDRM;

/**
 * Mean and covariance of a set's features, in float64.
 *
 * @param count N, pictures
 * @param mean μ, (D)
 * @param covariance Σ (x − μ)(x − μ)ᵀ / (N − 1), (D, D) row-major
 */
public record FeatureMoments(long count, double[] mean, double[] covariance) {

    /** Sums that grow batch by batch, as torchmetrics keeps them; a large mean costs them digits, unlike {@link #of}. */
    public static final class Sums {
        private final int width;
        private final double[] sum;
        private final DMatrixRMaj products;
        private long count;

        /** No pictures yet. */
        public Sums(int width) {
            this.width = width;
            sum = new double[width];
            products = new DMatrixRMaj(width, width);
        }

        /**
         * Adds pictures.
         *
         * @throws IllegalArgumentException when they have another width
         */
        public Sums add(Features batch) {
            if (batch.width() != width) {
                throw new IllegalArgumentException(
                        "moments: expected features of width %d, got %d".formatted(width, batch.width()));
            }
            DMatrixRMaj x = matrix(batch);
            for (int i = 0; i < x.data.length; i++) {
                sum[i % width] += x.data[i];
            }
            if (batch.rows() > 0) {
                CommonOps_MT_DDRM.multAddTransA(x, x, products);
            }
            count += batch.rows();
            return this;
        }

        /**
         * The moments of all pictures so far.
         *
         * @throws IllegalArgumentException when there are fewer than two
         */
        public FeatureMoments moments() {
            requireTwo(count);
            double[] mean = new double[width];
            for (int i = 0; i < width; i++) {
                mean[i] = sum[i] / count;
            }
            double[] covariance = new double[products.data.length];
            for (int i = 0; i < covariance.length; i++) {
                covariance[i] = (products.data[i] - count * mean[i / width] * mean[i % width]) / (count - 1);
            }
            return new FeatureMoments(count, mean, covariance);
        }
    }

    /**
     * The moments of a set in two passes, the mean first.
     *
     * @throws IllegalArgumentException when it has fewer than two pictures
     */
    public static FeatureMoments of(Features set) {
        return CentredFeatures.of(set).moments();
    }

    /** Number of features. */
    public int width() {
        return mean.length;
    }

    static DMatrixRMaj matrix(Features set) {
        DMatrixRMaj matrix = new DMatrixRMaj(set.rows(), set.width());
        for (int i = 0; i < matrix.data.length; i++) {
            matrix.data[i] = set.values()[i];
        }
        return matrix;
    }

    static void requireTwo(long count) {
        if (count < 2) {
            throw new IllegalArgumentException("a covariance wants at least 2 pictures, got " + count);
        }
    }
}
