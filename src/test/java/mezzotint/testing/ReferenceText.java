package mezzotint.testing;

import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import mezzotint.kernel.reference.ReferenceKernels;

/** Float64 definitions of the text encoders' parts, forward only, one text of T tokens at a time. */
public final class ReferenceText {
    private ReferenceText() {}

    /** x (rows, in) · weightᵀ (out, in) + bias (out), which may be null → (rows, out). */
    public static double[] linear(double[] x, double[] weight, double[] bias, int in) {
        int rows = x.length / in;
        int out = weight.length / in;
        double[] y = new double[rows * out];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < out; j++) {
                double sum = bias == null ? 0 : bias[j];
                for (int k = 0; k < in; k++) {
                    sum += x[i * in + k] * weight[j * in + k];
                }
                y[i * out + j] = sum;
            }
        }
        return y;
    }

    /** γ · (x − mean)/√(var + eps) + β of each row of x (rows, d). */
    public static double[] layerNorm(double[] x, double[] gamma, double[] beta, double eps) {
        int d = gamma.length;
        double[] y = new double[x.length];
        for (int row = 0; row < x.length; row += d) {
            double mean = 0;
            double square = 0;
            for (int j = 0; j < d; j++) {
                mean += x[row + j] / d;
            }
            for (int j = 0; j < d; j++) {
                square += (x[row + j] - mean) * (x[row + j] - mean) / d;
            }
            for (int j = 0; j < d; j++) {
                y[row + j] = gamma[j] * (x[row + j] - mean) / Math.sqrt(square + eps) + beta[j];
            }
        }
        return y;
    }

    /** Every token attends to all: query, keys and values (T, D), heads side by side → (T, D). */
    public static double[] attention(double[] query, double[] keys, double[] values, int heads, int d) {
        int tokens = query.length / d;
        int width = d / heads;
        double[] y = new double[query.length];
        for (int head = 0; head < heads; head++) {
            for (int i = 0; i < tokens; i++) {
                double[] p = new double[tokens];
                double sum = 0;
                for (int j = 0; j < tokens; j++) {
                    double score = 0;
                    for (int c = head * width; c < (head + 1) * width; c++) {
                        score += query[i * d + c] * keys[j * d + c];
                    }
                    p[j] = Math.exp(score / Math.sqrt(width)); // scores of tests are small
                    sum += p[j];
                }
                for (int c = head * width; c < (head + 1) * width; c++) {
                    for (int j = 0; j < tokens; j++) {
                        y[i * d + c] += p[j] / sum * values[j * d + c];
                    }
                }
            }
        }
        return y;
    }

    /** a + b. */
    public static double[] add(double[] a, double[] b) {
        double[] y = a.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] += b[i];
        }
        return y;
    }

    /** f(a) ⊙ b. */
    public static double[] gated(double[] a, double[] b, DoubleUnaryOperator f) {
        double[] y = new double[a.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = f.applyAsDouble(a[i]) * b[i];
        }
        return y;
    }

    /** Row {@code row} of a table of width d, added to {@code target} from {@code at} on. */
    public static void addRow(double[] table, int row, double[] target, int at, int d) {
        for (int j = 0; j < d; j++) {
            target[at + j] += table[row * d + j];
        }
    }

    /**
     * Devlin et al. 2019: states (T, D) after {@code layers} layers.
     *
     * @param w weights by the names of transformers
     */
    public static double[] bert(Map<String, double[]> w, int[] ids, int d, int layers, int heads, double eps) {
        double[] x = new double[ids.length * d];
        for (int t = 0; t < ids.length; t++) {
            addRow(w.get("embeddings.word_embeddings.weight"), ids[t], x, t * d, d);
            addRow(w.get("embeddings.position_embeddings.weight"), t, x, t * d, d);
            addRow(w.get("embeddings.token_type_embeddings.weight"), 0, x, t * d, d);
        }
        x = norm(w, "embeddings.LayerNorm", x, eps);
        for (int i = 0; i < layers; i++) {
            String layer = "encoder.layer." + i + ".";
            double[] q = dense(w, layer + "attention.self.query", x, d);
            double[] k = dense(w, layer + "attention.self.key", x, d);
            double[] v = dense(w, layer + "attention.self.value", x, d);
            double[] attended = dense(w, layer + "attention.output.dense", attention(q, k, v, heads, d), d);
            double[] h = norm(w, layer + "attention.output.LayerNorm", add(x, attended), eps);
            double[] hidden = dense(w, layer + "intermediate.dense", h, d);
            for (int j = 0; j < hidden.length; j++) {
                hidden[j] = ReferenceKernels.gelu(hidden[j]);
            }
            double[] out = dense(w, layer + "output.dense", hidden, hidden.length / ids.length);
            x = norm(w, layer + "output.LayerNorm", add(h, out), eps);
        }
        return x;
    }

    private static double[] dense(Map<String, double[]> w, String name, double[] x, int in) {
        return linear(x, w.get(name + ".weight"), w.get(name + ".bias"), in);
    }

    private static double[] norm(Map<String, double[]> w, String name, double[] x, double eps) {
        return layerNorm(x, w.get(name + ".weight"), w.get(name + ".bias"), eps);
    }
}
