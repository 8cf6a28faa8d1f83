package mezzotint.vision;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import mezzotint.nn.NamedTensors;
import mezzotint.tensor.Shape;

/**
 * Tensors without those that a network does not use.
 *
 * @param unused by name
 */
record SelectedTensors(NamedTensors source, Predicate<String> unused) implements NamedTensors {

    @Override
    public Set<String> names() {
        Set<String> names = new TreeSet<>(source.names());
        names.removeIf(unused);
        return names;
    }

    @Override
    public Shape shape(String name) {
        return source.shape(name);
    }

    @Override
    public float[] values(String name) {
        return source.values(name);
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
