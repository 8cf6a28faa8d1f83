package mezzotint.prx;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.SplittableRandom;
import mezzotint.autograd.Parameter;
import mezzotint.io.AtomicFolders;
import mezzotint.io.Json;
import mezzotint.io.ShardedWriter;
import mezzotint.nn.Parameters;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * Checkpoints of random numbers, to measure time and memory with: no tensor is zero, so that no product is cheap, and the
 * output stays finite.
 */
public final class RandomWeights {
    private static final double NORM_SPREAD = 0.1;
    private static final double BIAS_SPREAD = 0.02;
    private static final int CHUNK_BYTES = 1 << 16;

    private RandomWeights() {}

    /**
     * Writes a denoiser's folder, whole or not at all, holding no more than a chunk of a tensor in memory.
     *
     * @param folder to write or replace
     * @param dtype F32, F16 or BF16
     * @param maxFileBytes tensors go into several files with an index above it
     * @throws IllegalArgumentException for another type
     */
    public static void write(Path folder, PrxConfig config, DType dtype, long seed, long maxFileBytes) {
        if (dtype != DType.F32 && dtype != DType.F16 && dtype != DType.BF16) {
            throw new IllegalArgumentException("weights: expected F32, F16 or BF16, got " + dtype);
        }
        Parameters parameters = Parameters.named();
        new PrxDenoiser(config, parameters);
        ShardedWriter writer = new ShardedWriter("diffusion_pytorch_model", maxFileBytes);
        for (Parameter parameter : parameters.all()) {
            long own = seed * 0x9e3779b97f4a7c15L + parameter.name().hashCode();
            writer.add(parameter.name(), dtype, parameter.shape(), out -> draw(parameter, dtype, own, out));
        }
        AtomicFolders.write(folder, partial -> {
            ObjectNode json = PrxConfigJson.write(config);
            json.put("_class_name", "PRXTransformer2DModel");
            Json.write(partial.resolve("config.json"), json);
            writer.write(partial);
        });
    }

    private static void draw(Parameter parameter, DType dtype, long seed, OutputStream out) throws IOException {
        Shape shape = parameter.shape();
        boolean norm = parameter.name().contains("norm_");
        double mean = norm ? 1 : 0;
        double bound = shape.rank() == 2 ? 1 / Math.sqrt((double) shape.dim(1)) : norm ? NORM_SPREAD : BIAS_SPREAD;
        float step = (float) (bound * 0x1p-15);
        SplittableRandom random = new SplittableRandom(seed);
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        long bits = 0;
        for (long i = 0; i < shape.elements(); i++) {
            bits = i % 4 == 0 ? random.nextLong() : bits >>> 16;
            put(chunk, dtype, (float) mean + ((short) bits + 0.5f) * step); // 16 random bits a number
            if (!chunk.hasRemaining()) {
                out.write(chunk.array());
                chunk.clear();
            }
        }
        out.write(chunk.array(), 0, chunk.position());
    }

    private static void put(ByteBuffer chunk, DType dtype, float value) {
        switch (dtype) {
            case F32 -> chunk.putFloat(value);
            case F16 -> chunk.putShort(Float.floatToFloat16(value));
            default -> chunk.putShort(BFloat16.fromFloat(value));
        }
    }
}
