package mezzotint.evaluation;

import org.ejml.data.Complex_F64;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.CommonOps_MT_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * The distance between two sets of pictures as the 2-Wasserstein distance, squared, of Gaussians with their features' moments
 * (FID when the features are Inception-v3's last pooling).
 *
 * <pre>d² = |μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½</pre>
 *
 * <p>The last trace is Σ √λᵢ over the eigenvalues of Σ₁Σ₂. {@link #general} takes them from that product, as torchmetrics does;
 * {@link #symmetric} and {@link #between} from a symmetric matrix with the same eigenvalues, which are real and, but for
 * rounding, not negative: with fewer pictures than features this keeps the noise out. It is biased upwards for small sets.
 *
 * @see <a href="https://arxiv.org/abs/1706.08500">Heusel et al. 2017, eq. 6</a>
 * @see <a href="https://arxiv.org/abs/1911.07023">Chong and Forsyth 2019, on the bias</a>
 */
public final class FrechetDistance {
    private FrechetDistance() {}

    /**
     * The distance of two sets, by the shortest of the equal ways.
     *
     * @param x features (N, D), N ≥ 2
     * @param y features (M, D), M ≥ 2
     * @throws IllegalArgumentException when a set is smaller or the widths differ
     */
    public static double between(Features x, Features y) {
        Features.requireRows("Fréchet distance", 2, x, y);
        return between(CentredFeatures.of(x), CentredFeatures.of(y));
    }

    static double between(CentredFeatures x, CentredFeatures y) {
        int fewest = Math.min(x.rows().numRows, y.rows().numRows);
        double root = fewest < x.rows().numCols
                ? rootOfRows(x.rows(), y.rows())
                : rootOfCovariances(x.covariance(), y.covariance());
        return squaredDistance(x.mean(), y.mean()) + x.trace() + y.trace() - 2 * root;
    }

    /**
     * The distance of two pairs of moments: the eigenvalues of Σ₁^½ Σ₂ Σ₁^½.
     *
     * @throws IllegalArgumentException when the widths differ
     */
    public static double symmetric(FeatureMoments a, FeatureMoments b) {
        return outside(a, b) - 2 * rootOfCovariances(matrix(a), matrix(b));
    }

    /**
     * The distance of two pairs of moments: the eigenvalues of Σ₁ Σ₂, whose square roots' real parts are added.
     *
     * @throws IllegalArgumentException when the widths differ
     */
    public static double general(FeatureMoments a, FeatureMoments b) {
        double outside = outside(a, b);
        DMatrixRMaj product = new DMatrixRMaj(a.width(), a.width());
        CommonOps_MT_DDRM.mult(matrix(a), matrix(b), product);
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(a.width(), false, false);
        decompose(eigen, product);
        double root = 0;
        for (int i = 0; i < eigen.getNumberOfEigenvalues(); i++) {
            Complex_F64 z = eigen.getEigenvalue(i);
            root += Math.sqrt((Math.hypot(z.real, z.imaginary) + z.real) / 2); // Re √z
        }
        return outside - 2 * root;
    }

    /**
     * What torchmetrics 1.9 returns: moments from running sums, the general eigenvalues, float32 at the end.
     *
     * @throws IllegalArgumentException when a set has fewer than two pictures or the widths differ
     */
    public static float asTorchmetrics(Features x, Features y) {
        Features.requireRows("Fréchet distance", 2, x, y);
        return (float) general(
                new FeatureMoments.Sums(x.width()).add(x).moments(),
                new FeatureMoments.Sums(y.width()).add(y).moments());
    }

    private static double outside(FeatureMoments a, FeatureMoments b) {
        if (a.width() != b.width()) {
            throw new IllegalArgumentException("Fréchet distance: expected moments of one encoder, got widths %d and %d"
                    .formatted(a.width(), b.width()));
        }
        return squaredDistance(a.mean(), b.mean()) + CommonOps_DDRM.trace(matrix(a)) + CommonOps_DDRM.trace(matrix(b));
    }

    private static double squaredDistance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }

    /** With Σ₁ = FᵀF and Σ₂ = GᵀG, the eigenvalues of Σ₁Σ₂ other than 0 are those of (FGᵀ)(FGᵀ)ᵀ. */
    private static double rootOfRows(DMatrixRMaj f, DMatrixRMaj g) {
        DMatrixRMaj few = f.numRows <= g.numRows ? f : g;
        DMatrixRMaj many = few == f ? g : f;
        DMatrixRMaj cross = new DMatrixRMaj(few.numRows, many.numRows);
        CommonOps_MT_DDRM.multTransB(few, many, cross);
        DMatrixRMaj squared = new DMatrixRMaj(few.numRows, few.numRows);
        CommonOps_MT_DDRM.multTransB(cross, cross, squared);
        return rootOfSymmetric(squared);
    }

    private static double rootOfCovariances(DMatrixRMaj a, DMatrixRMaj b) {
        int d = a.numRows;
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(d, true, true);
        decompose(eigen, a);
        DMatrixRMaj root = new DMatrixRMaj(d, d); // Λ^½ Vᵀ: as good as Σ^½, and one product less
        for (int i = 0; i < d; i++) {
            double scale = Math.sqrt(Math.max(0, eigen.getEigenvalue(i).real));
            DMatrixRMaj vector = eigen.getEigenVector(i);
            for (int j = 0; j < d; j++) {
                root.data[i * d + j] = scale * vector.data[j];
            }
        }
        DMatrixRMaj half = new DMatrixRMaj(d, d);
        CommonOps_MT_DDRM.mult(root, b, half);
        DMatrixRMaj product = new DMatrixRMaj(d, d);
        CommonOps_MT_DDRM.multTransB(half, root, product);
        return rootOfSymmetric(product);
    }

    private static double rootOfSymmetric(DMatrixRMaj matrix) {
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(matrix.numRows, false, true);
        decompose(eigen, matrix);
        double root = 0;
        for (int i = 0; i < eigen.getNumberOfEigenvalues(); i++) {
            root += Math.sqrt(Math.max(0, eigen.getEigenvalue(i).real));
        }
        return root;
    }

    /** Works on a copy: a decomposition may use its input as scratch space. */
    private static void decompose(EigenDecomposition_F64<DMatrixRMaj> eigen, DMatrixRMaj matrix) {
        if (!eigen.decompose(matrix.copy())) {
            throw new ArithmeticException(
                    "Fréchet distance: the eigenvalues of a %d×%d matrix did not converge; look for features out of all proportion"
                            .formatted(matrix.numRows, matrix.numCols));
        }
    }

    private static DMatrixRMaj matrix(FeatureMoments moments) {
        return DMatrixRMaj.wrap(moments.width(), moments.width(), moments.covariance());
    }
}
