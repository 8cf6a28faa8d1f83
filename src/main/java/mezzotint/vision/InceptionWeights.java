package mezzotint.vision;

import java.util.LinkedHashSet;
import java.util.Set;
import mezzotint.nn.NamedTensors;
import mezzotint.tensor.Shape;

/**
 * Inception's convolutions with their batch normalisations folded in, from the names that its published checkpoints have.
 *
 * <pre>weight' = weight · γ / √(variance + eps),   bias' = β − mean · γ / √(variance + eps)</pre>
 *
 * <p>{@code X.conv.weight} and {@code X.bn.…} become {@code X.weight} and {@code X.bias}; γ is 1 where there is none.
 *
 * @param unitNames the convolutions that are wanted
 */
record InceptionWeights(NamedTensors source, Set<String> unitNames) implements NamedTensors {
    private static final double EPS = 1e-3;

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (String unit : unitNames) {
            names.add(unit + ".weight");
            names.add(unit + ".bias");
        }
        return names;
    }

    @Override
    public Shape shape(String name) {
        Shape kernel = source.shape(unit(name) + ".conv.weight");
        return name.endsWith(".weight") ? kernel : Shape.of(kernel.dim(0));
    }

    @Override
    public float[] values(String name) {
        String unit = unit(name);
        double[] factor = factor(unit);
        if (name.endsWith(".weight")) {
            float[] weight = source.values(unit + ".conv.weight");
            int each = weight.length / factor.length;
            for (int i = 0; i < weight.length; i++) {
                weight[i] = (float) (weight[i] * factor[i / each]);
            }
            return weight;
        }
        float[] mean = source.values(unit + ".bn.running_mean");
        float[] bias = source.values(unit + ".bn.bias");
        for (int c = 0; c < bias.length; c++) {
            bias[c] = (float) (bias[c] - mean[c] * factor[c]);
        }
        return bias;
    }

    private double[] factor(String unit) {
        float[] variance = source.values(unit + ".bn.running_var");
        double[] factor = new double[variance.length];
        boolean scaled = source.names().contains(unit + ".bn.weight");
        float[] scale = scaled ? source.values(unit + ".bn.weight") : new float[0];
        for (int c = 0; c < factor.length; c++) {
            factor[c] = (scaled ? scale[c] : 1) / Math.sqrt(variance[c] + EPS);
        }
        return factor;
    }

    private static String unit(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
