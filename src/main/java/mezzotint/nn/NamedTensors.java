package mezzotint.nn;

import java.util.Optional;
import java.util.Set;
import mezzotint.io.SafeTensor;
import mezzotint.tensor.Shape;

/** Tensors by name, from a file or from another model; {@code toString} says where from. */
public interface NamedTensors {
    /** All names. */
    Set<String> names();

    /** Shape of the tensor called {@code name}, one of {@link #names}. */
    Shape shape(String name);

    /** Elements of the tensor called {@code name}, one of {@link #names}, widened to float32, row-major. */
    float[] values(String name);

    /** The tensor called {@code name} as it lies in a mapped file; empty where there is no file. */
    default Optional<SafeTensor> stored(String name) {
        return Optional.empty();
    }
}
