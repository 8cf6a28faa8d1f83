package mezzotint.evaluation;

/**
 * The distance between two sets of pictures under a Gaussian kernel of their features: CMMD with CLIP's image embeddings,
 * DINO-MMD with DINOv2's class token, both of unit length.
 *
 * <pre>
 * k(x, y) = exp(−‖x − y‖² / 2σ²)
 * scale · (mean k(xᵢ, xⱼ) + mean k(yᵢ, yⱼ) − 2 mean k(xᵢ, yⱼ))     over all pairs, i = j as well
 * </pre>
 *
 * @param sigma σ &gt; 0; 10 upstream
 * @param scale 1000 upstream
 * @param chunkRows rows of the first set whose kernel is in memory at once, ≥ 1; 1024 upstream. In float64 it changes the
 *     memory and, but for rounding, nothing else
 * @see <a href="https://arxiv.org/abs/2401.09603">Jayasumana et al. 2024, eq. 4 (the biased estimator)</a>
 */
public record MaximumMeanDiscrepancy(double sigma, double scale, int chunkRows) {
    /** PRX's: σ = 10, times 1000, by 1024 rows. */
    public static final MaximumMeanDiscrepancy PRX = new MaximumMeanDiscrepancy(10, 1000, 1024);

    /** @throws IllegalArgumentException when a number is out of range */
    public MaximumMeanDiscrepancy {
        if (!(sigma > 0 && scale > 0 && chunkRows >= 1)) {
            throw new IllegalArgumentException(
                    "maximum mean discrepancy: expected sigma and scale above 0 and chunks of at least 1 row, got %s, %s, %d"
                            .formatted(sigma, scale, chunkRows));
        }
    }

    /**
     * The distance, in float64.
     *
     * @param x features (N, D)
     * @param y features (M, D)
     * @return NaN when a set is empty
     * @throws IllegalArgumentException when the widths differ
     */
    public double between(Features x, Features y) {
        Features.requireSameWidth(x, y);
        if (x.rows() == 0 || y.rows() == 0) {
            return Double.NaN;
        }
        return values(x, y, Multiplicities.ONCE)[0];
    }

    /** The distance of the sets and of samples of them. */
    double[] values(Features x, Features y, Multiplicities samples) {
        double gamma = 1 / (2 * sigma * sigma);
        KernelMeans.Kernel kernel = (dot, squareX, squareY) -> Math.exp(-gamma * (squareX + squareY - 2 * dot));
        double[] values =
                new KernelMeans(kernel, chunkRows, true).of(x, y, samples).discrepancies();
        for (int i = 0; i < values.length; i++) {
            values[i] *= scale;
        }
        return values;
    }

    /**
     * The distance in float32 by upstream's formula, ‖x‖² + ‖y‖² − 2 x·y, which costs it about 10⁻⁴ at a scale of 1000.
     *
     * @return NaN when a set is empty
     * @throws IllegalArgumentException when the widths differ
     */
    public float float32(Features x, Features y) {
        Features.requireSameWidth(x, y);
        if (x.rows() == 0 || y.rows() == 0) {
            return Float.NaN;
        }
        float xx = sum(x, x) / ((float) x.rows() * x.rows());
        float yy = sum(y, y) / ((float) y.rows() * y.rows());
        float xy = sum(x, y) / ((float) x.rows() * y.rows());
        return (float) scale * (xx + yy - 2 * xy);
    }

    private float sum(Features x, Features y) {
        float gamma = (float) (1 / (2 * sigma * sigma));
        float[] squaresY = squares(y);
        float[] squaresX = squares(x);
        float total = 0;
        for (int begin = 0; begin < x.rows(); begin += chunkRows) {
            double chunk = 0; // upstream adds a chunk up pairwise, which loses as little
            for (int i = begin; i < Math.min(x.rows(), begin + chunkRows); i++) {
                for (int j = 0; j < y.rows(); j++) {
                    float distance = squaresX[i] + squaresY[j] - 2 * dot(x, i, y, j);
                    chunk += (float) Math.exp(-gamma * distance);
                }
            }
            total += (float) chunk;
        }
        return total;
    }

    private static float[] squares(Features x) {
        float[] squares = new float[x.rows()];
        for (int i = 0; i < squares.length; i++) {
            squares[i] = dot(x, i, x, i);
        }
        return squares;
    }

    private static float dot(Features x, int i, Features y, int j) {
        float sum = 0;
        for (int k = 0; k < x.width(); k++) {
            sum += x.values()[i * x.width() + k] * y.values()[j * y.width() + k];
        }
        return sum;
    }
}
