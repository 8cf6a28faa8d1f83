package mezzotint.kernel.reference;

/** Definitions of losses and optimizer steps in float64, forward only. */
public final class ReferenceTraining {
    private ReferenceTraining() {}

    /** x̂·ŷ of N rows, each divided by its length or by eps where that is larger. */
    public static double[] cosineSimilarity(double[] x, double[] y, int n, double eps) {
        int d = x.length / n;
        double[] similarity = new double[n];
        for (int row = 0; row < n; row++) {
            double lengthX = Math.max(Math.sqrt(product(x, x, row * d, d)), eps);
            double lengthY = Math.max(Math.sqrt(product(y, y, row * d, d)), eps);
            similarity[row] = product(x, y, row * d, d) / lengthX / lengthY;
        }
        return similarity;
    }

    /** {update, momentum} of Muon; the arguments are left alone. */
    public static double[][] muonMomentum(
            double[] momentum, double[] gradient, double beta, boolean nesterov, double gradientScale) {
        double[] update = new double[momentum.length];
        double[] after = new double[momentum.length];
        for (int i = 0; i < after.length; i++) {
            double g = gradientScale * gradient[i];
            after[i] = beta * momentum[i] + (1 - beta) * g;
            update[i] = nesterov ? (1 - beta) * g + beta * after[i] : after[i];
        }
        return new double[][] {update, after};
    }

    private static double product(double[] x, double[] y, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }
}
