package mezzotint.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * Writes a safetensors file whole or not at all, tensor after tensor in the order they were added, no second copy of
 * the data in memory.
 *
 * <pre>{@code
 * new SafeTensorsWriter(Map.of("format", "pt"))
 *         .add("w", DType.BF16, Shape.of(2, 3), floats)
 *         .write(path);
 * }</pre>
 *
 * The header is padded with spaces to a multiple of 8 bytes; tensors follow each other without a gap, as the format
 * asks.
 */
public final class SafeTensorsWriter {
    private static final int CHUNK_BYTES = 1 << 16;
    private static final int ALIGNMENT = 8;

    private final Map<String, String> metadata;
    private final Map<String, Pending> tensors = new LinkedHashMap<>();

    private record Pending(DType dtype, Shape shape, long bytes, ThrowingConsumer<OutputStream> data) {}

    /** A writer of a file without metadata. */
    public SafeTensorsWriter() {
        this(Map.of());
    }

    /**
     * A writer of a file with metadata.
     *
     * @param metadata key-value pairs for {@code __metadata__}
     * @throws IllegalArgumentException where one is no Unicode text
     */
    public SafeTensorsWriter(Map<String, String> metadata) {
        metadata.forEach((key, value) -> {
            requireUnicode(key);
            requireUnicode(value);
        });
        this.metadata = new LinkedHashMap<>(metadata);
    }

    /**
     * Adds a tensor whose bytes are in memory; they are read when the file is written.
     *
     * @param name unique in the file, not {@code __metadata__}
     * @param dtype element type
     * @param shape extents
     * @param data elements, row-major, little-endian
     * @return this
     * @throws IllegalArgumentException where the name is taken or {@code data} has another size
     */
    public SafeTensorsWriter add(String name, DType dtype, Shape shape, MemorySegment data) {
        if (data.byteSize() != bytes(dtype, shape)) {
            throw new IllegalArgumentException("tensor %s: %s %s takes %d bytes, got %d"
                    .formatted(name, dtype, shape, bytes(dtype, shape), data.byteSize()));
        }
        return addStreamed(name, dtype, shape, out -> copy(data, out));
    }

    /**
     * Adds a tensor from float32 values, rounded to nearest even; they are read when the file is written.
     *
     * @param name unique in the file, not {@code __metadata__}
     * @param dtype F64, F32, F16 or BF16
     * @param shape extents
     * @param values elements, row-major
     * @return this
     * @throws IllegalArgumentException where the name is taken, there are more or fewer values, or the type is another
     */
    public SafeTensorsWriter add(String name, DType dtype, Shape shape, float[] values) {
        if (values.length != shape.elements()) {
            throw new IllegalArgumentException(
                    "tensor %s: %s has %d elements, got %d".formatted(name, shape, shape.elements(), values.length));
        }
        if (dtype != DType.F64 && dtype != DType.F32 && dtype != DType.F16 && dtype != DType.BF16) {
            throw new IllegalArgumentException(
                    "tensor %s: floats can be stored as F64, F32, F16 or BF16, not as %s".formatted(name, dtype));
        }
        return addStreamed(name, dtype, shape, out -> encode(values, dtype, out));
    }

    /**
     * Adds a tensor whose bytes are made when the file is written, as when they lie on another device.
     *
     * @param name unique in the file, not {@code __metadata__}
     * @param dtype element type
     * @param shape extents
     * @param data writes exactly the tensor's bytes, row-major, little-endian; may be called once for each file written
     * @return this
     * @throws IllegalArgumentException where the name is taken
     */
    public SafeTensorsWriter addStreamed(String name, DType dtype, Shape shape, ThrowingConsumer<OutputStream> data) {
        requireUnicode(name);
        if (name.equals(SafeTensorsHeader.METADATA) || tensors.containsKey(name)) {
            throw new IllegalArgumentException("tensor %s: the name is taken; give each its own".formatted(name));
        }
        tensors.put(name, new Pending(dtype, shape, bytes(dtype, shape), data));
        return this;
    }

    /**
     * Writes the file.
     *
     * @param path the file to write or replace
     * @throws FileWriteException where the file system refuses; an older file of that name is then as it was
     * @throws IllegalStateException where the names take more than 100 MB, or a tensor's source wrote more or fewer
     *     bytes than its shape asks for
     */
    public void write(Path path) {
        byte[] header = header();
        AtomicFiles.write(path, out -> {
            out.write(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(header.length)
                    .array());
            out.write(header);
            for (var entry : tensors.entrySet()) {
                var counted = new CountedOutputStream(
                        out, entry.getKey(), entry.getValue().bytes());
                entry.getValue().data().accept(counted);
                counted.requireFull();
            }
        });
    }

    private byte[] header() {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(SafeTensorsHeader.METADATA);
                for (var entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long offset = 0;
            for (var entry : tensors.entrySet()) {
                Pending tensor = entry.getValue();
                json.writeObjectFieldStart(entry.getKey());
                json.writeStringField("dtype", tensor.dtype().name());
                long[] dims = tensor.shape().dims();
                json.writeFieldName("shape");
                json.writeArray(dims, 0, dims.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {offset, Math.addExact(offset, tensor.bytes())}, 0, 2);
                json.writeEndObject();
                offset += tensor.bytes();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return padded(bytes.toByteArray());
    }

    private static byte[] padded(byte[] json) {
        byte[] header = Arrays.copyOf(json, (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(header, json.length, header.length, (byte) ' ');
        if (header.length > SafeTensorsHeader.MAX_BYTES) {
            throw new IllegalStateException("the names and metadata take %d bytes, but a header has at most %d"
                    .formatted(header.length, SafeTensorsHeader.MAX_BYTES));
        }
        return header;
    }

    private static void copy(MemorySegment data, OutputStream out) throws IOException {
        byte[] chunk = new byte[(int) Math.min(CHUNK_BYTES, data.byteSize())];
        for (long done = 0; done < data.byteSize(); done += chunk.length) {
            int count = (int) Math.min(chunk.length, data.byteSize() - done);
            MemorySegment.copy(data, ValueLayout.JAVA_BYTE, done, chunk, 0, count);
            out.write(chunk, 0, count);
        }
    }

    static void encode(float[] values, DType dtype, OutputStream out) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            switch (dtype) {
                case F64 -> chunk.putDouble(value);
                case F32 -> chunk.putFloat(value);
                case F16 -> chunk.putShort(Float.floatToFloat16(value));
                default -> chunk.putShort(BFloat16.fromFloat(value));
            }
            if (!chunk.hasRemaining()) {
                out.write(chunk.array());
                chunk.clear();
            }
        }
        out.write(chunk.array(), 0, chunk.position());
    }

    private static long bytes(DType dtype, Shape shape) {
        return Math.multiplyExact(shape.elements(), dtype.bytes());
    }

    private static void requireUnicode(String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("\"" + text + "\" holds half a surrogate pair and cannot be stored");
        }
    }
}
