package mezzotint.text;

import mezzotint.autograd.Parameter;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Copies BERT's weights to a device, matrices in the type they are stored in.
 *
 * @param tensors the file
 * @param arena where they go
 */
record BertWeights(SafeTensors tensors, TensorArena arena) {

    /** {@code name.weight} (rows, columns). */
    Parameter matrix(String name, int rows, int columns) {
        SafeTensor stored = stored(name + ".weight", rows, columns);
        Tensor value = arena.allocate(stored.shape(), stored.dtype());
        value.write(stored.data());
        return Parameter.frozen(name + ".weight", value);
    }

    /** Several matrices (rows, columns), one under the other. */
    Parameter stackedMatrices(String[] names, int rows, int columns) {
        DType dtype = stored(names[0] + ".weight", rows, columns).dtype();
        Tensor value = arena.allocate(Shape.of((long) names.length * rows, columns), dtype);
        for (int i = 0; i < names.length; i++) {
            SafeTensor stored = stored(names[i] + ".weight", rows, columns);
            value.rows((long) i * rows, (i + 1L) * rows).write(stored.data());
        }
        return Parameter.frozen(names[0] + ".weight", value);
    }

    /** Several {@code name.bias} (count), one after the other. */
    Parameter stackedVectors(String[] names, int count) {
        Tensor value = arena.allocate((long) names.length * count);
        for (int i = 0; i < names.length; i++) {
            value.rows((long) i * count, (i + 1L) * count).set(floats(names[i] + ".bias", count));
        }
        return Parameter.frozen(names[0] + ".bias", value);
    }

    /** A vector (count), as float32. */
    Parameter vector(String name, int count) {
        return Parameter.frozen(name, arena.allocate(count).set(floats(name, count)));
    }

    /** The elements of a vector. */
    float[] floats(String name, int count) {
        return stored(name, count).toFloats();
    }

    /** A tensor as it lies in the file, of that shape. */
    SafeTensor stored(String name, long... dims) {
        SafeTensor stored = tensors.get(name);
        if (!stored.shape().equals(Shape.of(dims))) {
            throw new ShapeMismatchException(
                    "%s: %s %s, expected %s", tensors.source(), name, stored.shape(), Shape.of(dims));
        }
        return stored;
    }

    /** Bytes the layers' weights take on the device. */
    static long layerBytes(BertConfig config) {
        long d = config.width();
        long matrices = 4 * d * d + 2 * d * config.hidden();
        long vectors = 16 * d + config.hidden() + 64L * 16;
        return config.layers() * (matrices + vectors) * Float.BYTES + 4 * d * Float.BYTES + 1024;
    }
}
