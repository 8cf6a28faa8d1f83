package mezzotint.nn;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.tensor.Shape;

/**
 * The tensors of a safetensors file.
 *
 * @param file open for as long as this is used
 * @param prefix of the names that are seen; it is cut off
 */
public record StoredTensors(SafeTensors file, String prefix) implements NamedTensors {
    /** All tensors of {@code file}. */
    public StoredTensors(SafeTensors file) {
        this(file, "");
    }

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        for (String name : file.names()) {
            if (name.startsWith(prefix)) {
                names.add(name.substring(prefix.length()));
            }
        }
        return names;
    }

    @Override
    public Shape shape(String name) {
        return tensor(name).shape();
    }

    @Override
    public float[] values(String name) {
        return tensor(name).toFloats();
    }

    @Override
    public Optional<SafeTensor> stored(String name) {
        return Optional.of(tensor(name));
    }

    private SafeTensor tensor(String name) {
        return file.get(prefix + name);
    }

    @Override
    public String toString() {
        return file.source();
    }
}
