package mezzotint.sampling;

import java.util.Optional;
import java.util.Set;
import mezzotint.io.SafeTensor;
import mezzotint.io.StoredType;
import mezzotint.nn.NamedTensors;
import mezzotint.tensor.Shape;

/**
 * Weights as they are after a pipeline is loaded in a narrower type than it is stored in.
 *
 * @param source as stored
 * @param precision that is loaded in
 */
record RoundedTensors(NamedTensors source, Precision precision) implements NamedTensors {
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
        return precision.round(source.values(name));
    }

    /** Only what is stored in bfloat16 can be read where it lies. */
    @Override
    public Optional<SafeTensor> stored(String name) {
        return source.stored(name).filter(tensor -> tensor.type() == StoredType.BF16);
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
