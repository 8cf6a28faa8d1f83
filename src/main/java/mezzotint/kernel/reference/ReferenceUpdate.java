package mezzotint.kernel.reference;

import mezzotint.kernel.AdamWStep;

/** Float64 definitions of optimizer steps, weight averages and norms. */
public final class ReferenceUpdate {
    private ReferenceUpdate() {}

    /** {value, first moment, second moment} after a step of {@code Kernels.Update#adamW}; the arguments are left alone. */
    public static double[][] adamW(
            double[] value, double[] firstMoment, double[] secondMoment, double[] gradient, AdamWStep step) {
        int n = gradient.length;
        double[][] after = new double[3][n];
        for (int i = 0; i < n; i++) {
            double g = step.gradientScale() * gradient[i];
            double m = step.beta1() * firstMoment[i] + (1 - step.beta1()) * g;
            double v = step.beta2() * secondMoment[i] + (1 - step.beta2()) * g * g;
            double mean = m / (1 - Math.pow(step.beta1(), (double) step.step()));
            double root = Math.sqrt(v) / Math.sqrt(1 - Math.pow(step.beta2(), (double) step.step()));
            double decayed = value[i] * (1 - step.learningRate() * step.weightDecay());
            after[0][i] = decayed - step.learningRate() * mean / (root + step.eps());
            after[1][i] = m;
            after[2][i] = v;
        }
        return after;
    }

    /** smoothing · average + (1 − smoothing) · value. */
    public static double[] movingAverage(double[] average, double[] value, double smoothing) {
        double[] after = new double[average.length];
        for (int i = 0; i < after.length; i++) {
            after[i] = smoothing * average[i] + (1 - smoothing) * value[i];
        }
        return after;
    }

    /** Σ x². */
    public static double sumOfSquares(double[] x) {
        double sum = 0;
        for (double value : x) {
            sum += value * value;
        }
        return sum;
    }
}
