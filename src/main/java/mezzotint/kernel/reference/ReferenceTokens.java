package mezzotint.kernel.reference;

/** Definitions of the movements of tokens and of flow matching in float64, forward only. */
public final class ReferenceTokens {
    private ReferenceTokens() {}

    /** Tokens (B, L, C·P²) of an image (B, C, height, width). */
    public static double[] patchify(double[] image, int b, int colours, int height, int width, int patch) {
        double[] tokens = new double[image.length];
        int perToken = colours * patch * patch;
        int across = width / patch;
        int perSample = across * (height / patch);
        for (int i = 0; i < tokens.length; i++) {
            int sample = i / (perSample * perToken);
            int token = i / perToken % perSample;
            int colour = i % perToken / (patch * patch);
            int row = token / across * patch + i % (patch * patch) / patch;
            int column = token % across * patch + i % patch;
            tokens[i] = image[((sample * colours + colour) * height + row) * width + column];
        }
        return tokens;
    }

    /** Where each element of {@link #patchify}'s result comes from. */
    public static int[] patchOrder(int b, int colours, int height, int width, int patch) {
        double[] numbers = new double[b * colours * height * width];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        double[] moved = patchify(numbers, b, colours, height, width, patch);
        int[] order = new int[moved.length];
        for (int i = 0; i < order.length; i++) {
            order[i] = (int) moved[i];
        }
        return order;
    }

    /** Columns [column, column + width) of x (N, X). */
    public static double[] sliceColumns(double[] x, int n, int stride, int column, int width) {
        double[] y = new double[n * width];
        for (int i = 0; i < y.length; i++) {
            y[i] = x[i / width * stride + column + i % width];
        }
        return y;
    }

    /** a (B, A, D) and e (B, E, D) along the token axis. */
    public static double[] concatenate(double[] a, double[] e, int b, int rowsOfA, int rowsOfE, int d) {
        int total = rowsOfA + rowsOfE;
        double[] y = new double[b * total * d];
        for (int i = 0; i < y.length; i++) {
            int sample = i / (total * d);
            int row = i / d % total;
            y[i] = row < rowsOfA
                    ? a[(sample * rowsOfA + row) * d + i % d]
                    : e[(sample * rowsOfE + row - rowsOfA) * d + i % d];
        }
        return y;
    }

    /** Rows {@code index} (B, R) of x (B, L, D). */
    public static double[] gather(double[] x, double[] index, int b, int l, int r, int d) {
        double[] y = new double[b * r * d];
        for (int i = 0; i < y.length; i++) {
            int sample = i / (r * d);
            y[i] = x[(sample * l + (int) index[i / d]) * d + i % d];
        }
        return y;
    }

    /** (α x + β z) γ: x and z (B, E), coefficients (B, 3). */
    public static double[] combine(double[] x, double[] z, double[] coefficients, int b) {
        int perSample = x.length / b;
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            int c = i / perSample * 3;
            y[i] = (coefficients[c] * x[i] + coefficients[c + 1] * z[i]) * coefficients[c + 2];
        }
        return y;
    }

    /** Mean of (prediction − target)² in each of B samples. */
    public static double[] meanSquare(double[] prediction, double[] target, int b) {
        int perSample = prediction.length / b;
        double[] loss = new double[b];
        for (int i = 0; i < prediction.length; i++) {
            double difference = prediction[i] - target[i];
            loss[i / perSample] += difference * difference / perSample;
        }
        return loss;
    }
}
