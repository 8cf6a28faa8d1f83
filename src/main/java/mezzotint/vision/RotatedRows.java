package mezzotint.vision;

import java.util.Set;
import java.util.function.Predicate;
import mezzotint.nn.NamedTensors;
import mezzotint.tensor.Shape;

/**
 * Weights of queries and keys whose halves are rotated against each other, for a kernel that rotates neighbours.
 *
 * <p>Row i of a head becomes row 2i, row i + d/2 becomes row 2i + 1. Queries and keys are only ever multiplied with each other,
 * head by head, so their columns may lie in any one order.
 *
 * @param rotated which tensors, by name
 * @param headWidth d
 */
record RotatedRows(NamedTensors source, Predicate<String> rotated, int headWidth) implements NamedTensors {

    @Override
    public Set<String> names() {
        return source.names();
    }

    @Override
    public Shape shape(String name) {
        return source.shape(name);
    }

    @Override
    public float[] values(String name) {
        float[] values = source.values(name);
        if (!rotated.test(name)) {
            return values;
        }
        int rows = source.shape(name).size(0);
        int row = values.length / rows;
        int half = headWidth / 2;
        float[] out = new float[values.length];
        for (int r = 0; r < rows; r++) {
            int i = r % headWidth;
            int to = r - i + (i < half ? 2 * i : 2 * (i - half) + 1);
            System.arraycopy(values, r * row, out, to * row, row);
        }
        return out;
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
