package mezzotint.io;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * Writes the weights of one network as diffusers does: one safetensors file, or several of a largest size with an index.
 *
 * <p>Tensors stay in the order they were added; none is held in memory.
 */
public final class ShardedWriter {
    /** Largest size of a file that diffusers writes, in bytes. */
    public static final long USUAL_BYTES = 10_000_000_000L;

    private final String stem;
    private final long maxBytes;
    private final List<Shard> shards = new ArrayList<>();

    private static final class Shard {
        private final SafeTensorsWriter writer = new SafeTensorsWriter(Map.of("format", "pt"));
        private final List<String> names = new ArrayList<>();
        private long bytes;
    }

    /**
     * @param stem of the files' names, such as {@code diffusion_pytorch_model}
     * @param maxBytes of tensors in a file; a larger tensor has a file to itself
     */
    public ShardedWriter(String stem, long maxBytes) {
        this.stem = stem;
        this.maxBytes = maxBytes;
    }

    /**
     * Adds a tensor whose bytes are made when its file is written.
     *
     * @param name unique in the network
     * @param data writes exactly the tensor's bytes, row-major, little-endian
     * @return this
     */
    public ShardedWriter add(String name, DType dtype, Shape shape, ThrowingConsumer<OutputStream> data) {
        long bytes = shape.elements() * dtype.bytes();
        if (shards.isEmpty() || shards.getLast().bytes > 0 && shards.getLast().bytes + bytes > maxBytes) {
            shards.add(new Shard());
        }
        Shard shard = shards.getLast();
        shard.writer.addStreamed(name, dtype, shape, data);
        shard.names.add(name);
        shard.bytes += bytes;
        return this;
    }

    /**
     * Adds a tensor from float32 values that are asked for when its file is written, rounded to nearest even.
     *
     * @param name unique in the network
     * @param dtype F32, F16 or BF16
     * @param values all elements, row-major
     * @return this
     */
    public ShardedWriter add(String name, DType dtype, Shape shape, Supplier<float[]> values) {
        return add(name, dtype, shape, (OutputStream out) -> SafeTensorsWriter.encode(values.get(), dtype, out));
    }

    /**
     * Writes the files.
     *
     * @param folder that exists
     * @throws FileWriteException where the file system refuses
     */
    public void write(Path folder) {
        if (shards.size() == 1) {
            shards.getFirst().writer.write(folder.resolve(stem + ".safetensors"));
            return;
        }
        Map<String, String> fileOf = new LinkedHashMap<>();
        long total = 0;
        for (int i = 0; i < shards.size(); i++) {
            Shard shard = shards.get(i);
            String file = "%s-%05d-of-%05d.safetensors".formatted(stem, i + 1, shards.size());
            shard.writer.write(folder.resolve(file));
            shard.names.forEach(name -> fileOf.put(name, file));
            total += shard.bytes;
        }
        ObjectNode index = JsonNodeFactory.instance.objectNode();
        index.putObject("metadata").put("total_size", total);
        ObjectNode map = index.putObject("weight_map");
        fileOf.forEach(map::put);
        Json.write(folder.resolve(stem + ".safetensors.index.json"), index);
    }
}
