package mezzotint.text;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.io.StoredType;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Weights of a published text encoder in their files: all names and shapes are checked when it is made, and a matrix is copied
 * to a device when a layer asks for it.
 *
 * <p>Matrices keep the type they are stored in, float32 or bfloat16; float16 is widened.
 */
final class TowerWeights {
    static final String EMBEDDINGS = "embed_tokens.weight";
    static final String NORM = "norm.weight";

    /** Where a whole model keeps its text encoder. */
    private static final List<String> PREFIXES =
            List.of("", "model.encoder.", "encoder.", "model.language_model.", "language_model.", "model.");

    private final TowerConfig config;
    private final SafeTensors tensors;
    private final String prefix;
    private final Optional<DType> matrixType;

    /**
     * Checks the tensors.
     *
     * @param matrixType to round matrices and embeddings to; empty to keep the stored type
     * @throws TextFormatException where a tensor is missing, too many, or of another shape or type
     */
    TowerWeights(TowerConfig config, SafeTensors tensors, Optional<DType> matrixType) {
        this.config = config;
        this.tensors = tensors;
        this.matrixType = matrixType;
        this.prefix = PREFIXES.stream()
                .filter(start -> tensors.find(start + EMBEDDINGS).isPresent())
                .findFirst()
                .orElseThrow(() -> new TextFormatException(
                        tensors.source(), EMBEDDINGS, "a tensor of that name, perhaps behind a prefix", "none"));
        Map<String, Shape> expected = shapes();
        expected.forEach(this::requireTensor);
        for (String name : tensors.names()) {
            if (name.startsWith(prefix) && !expected.containsKey(name.substring(prefix.length()))) {
                throw new TextFormatException(
                        tensors.source(),
                        name,
                        "none of that name in a %s encoder of %d layers"
                                .formatted(config.kind().label(), config.layers()),
                        tensors.get(name).type() + " " + tensors.get(name).shape());
            }
        }
    }

    private void requireTensor(String name, Shape shape) {
        SafeTensor tensor = tensors.find(prefix + name)
                .orElseThrow(
                        () -> new TextFormatException(tensors.source(), prefix + name, shape.toString(), "no tensor"));
        if (!tensor.shape().equals(shape)) {
            throw new TextFormatException(
                    tensors.source(),
                    prefix + name,
                    shape.toString(),
                    tensor.shape().toString());
        }
        if (tensor.type() != StoredType.F32 && tensor.type() != StoredType.BF16 && tensor.type() != StoredType.F16) {
            throw new TextFormatException(
                    tensors.source(),
                    prefix + name,
                    "F32, BF16 or F16",
                    tensor.type().toString());
        }
    }

    private Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(EMBEDDINGS, Shape.of(config.vocabulary(), config.width()));
        for (int i = 0; i < config.layers(); i++) {
            int layer = i;
            TowerLayer.shapes(config).forEach((name, shape) -> shapes.put(layerName(layer, name), shape));
        }
        shapes.put(NORM, Shape.of(config.width()));
        return shapes;
    }

    /** The configuration that was checked against. */
    TowerConfig config() {
        return config;
    }

    static String layerName(int layer, String name) {
        return "layers." + layer + "." + name;
    }

    /** The embedding table, read row by row. */
    EmbeddingRows embeddings() {
        return new EmbeddingRows(tensors.get(prefix + EMBEDDINGS), matrixType);
    }

    /** Bytes that a layer takes on a device, from above. */
    long layerBytes() {
        long bytes = 0;
        for (Shape shape : TowerLayer.shapes(config).values()) {
            bytes += shape.elements() * elementBytes() + 64;
        }
        return bytes + 16L * config.width() * Float.BYTES;
    }

    private int elementBytes() {
        DType stored = stored(tensors.get(prefix + layerName(0, TowerLayer.QUERY)));
        return matrixType.orElse(stored).bytes();
    }

    /** A matrix. */
    Parameter matrix(TensorArena arena, String name) {
        SafeTensor stored = tensors.get(prefix + name);
        DType type = matrixType.orElse(stored(stored));
        Tensor value = arena.allocate(stored.shape(), type);
        fill(value, stored);
        return copied(name, value, stored);
    }

    /** What was copied need not stay in memory as part of the mapped file as well. */
    private static Parameter copied(String name, Tensor value, SafeTensor stored) {
        if (stored.data().isMapped()) {
            stored.data().unload();
        }
        return Parameter.frozen(name, value);
    }

    /** A projection to heads, rows ordered as the rotation of pairs wants them; see {@link #source}. */
    Parameter pairedMatrix(TensorArena arena, String name) {
        SafeTensor stored = tensors.get(prefix + name);
        DType type = matrixType.orElse(stored(stored));
        Tensor value = arena.allocate(stored.shape(), type);
        if (stored.type() != StoredType.of(type)) {
            value.set(paired(stored.toFloats(), stored.shape().size(1)));
            return copied(name, value, stored);
        }
        long rowBytes = stored.data().byteSize() / stored.shape().dim(0);
        try (Arena host = Arena.ofConfined()) {
            MemorySegment ordered = host.allocate(stored.data().byteSize(), Long.BYTES);
            for (int row = 0; row < stored.shape().dim(0); row++) {
                MemorySegment.copy(stored.data(), source(row) * rowBytes, ordered, row * rowBytes, rowBytes);
            }
            value.write(ordered);
            return copied(name, value, stored);
        }
    }

    /** Weights of a normalisation, in float32; those of Gemma are kept as distances from one. */
    Parameter norm(TensorArena arena, String name) {
        return Parameter.frozen(name, arena.allocate(config.width()).set(normValues(name)));
    }

    /** Weights of a head's normalisation, ordered as its projection's rows. */
    Parameter pairedNorm(TensorArena arena, String name) {
        return Parameter.frozen(name, arena.allocate(config.headWidth()).set(paired(normValues(name), 1)));
    }

    private float[] normValues(String name) {
        float[] values = tensors.get(prefix + name).toFloats();
        if (config.kind() == TowerConfig.Kind.T5GEMMA) {
            for (int i = 0; i < values.length; i++) {
                values[i] += 1f;
            }
        }
        return values;
    }

    private static DType stored(SafeTensor tensor) {
        return tensor.type() == StoredType.BF16 ? DType.BF16 : DType.F32;
    }

    private static void fill(Tensor value, SafeTensor stored) {
        if (stored.type() == StoredType.of(value.dtype())) {
            value.write(stored.data());
        } else {
            value.set(stored.toFloats());
        }
    }

    /** Rows of {@code width} elements in the order of {@link #source}. */
    private float[] paired(float[] rows, int width) {
        float[] ordered = new float[rows.length];
        for (int row = 0; row < rows.length / width; row++) {
            System.arraycopy(rows, source(row) * width, ordered, row * width, width);
        }
        return ordered;
    }

    /**
     * Where row {@code row} of the ordered matrix lies in the stored one: published models rotate element k of a head with
     * element k + d/2, our kernels with its neighbour. Scores are sums over elements, so that their order is free.
     */
    private int source(int row) {
        int d = config.headWidth();
        int within = row % d;
        return row - within + within / 2 + (within % 2) * (d / 2);
    }
}
