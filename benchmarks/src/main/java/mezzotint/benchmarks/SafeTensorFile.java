package mezzotint.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Reads recorded cases as libtorch tensors: F32 and BOOL, all the check needs. */
final class SafeTensorFile {
    private SafeTensorFile() {}

    static Map<String, Tensor> read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int header = Math.toIntExact(bytes.getLong());
        JsonNode entries = new ObjectMapper().readTree(bytes.array(), 8, header);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : entries.properties()) {
            if (!entry.getKey().equals("__metadata__")) {
                tensors.put(entry.getKey(), tensor(bytes, 8 + header, entry.getValue()));
            }
        }
        return tensors;
    }

    private static Tensor tensor(ByteBuffer bytes, int base, JsonNode entry) {
        long[] shape = new long[entry.get("shape").size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = entry.get("shape").get(i).asLong();
        }
        int from = base + entry.get("data_offsets").get(0).asInt();
        int to = base + entry.get("data_offsets").get(1).asInt();
        ByteBuffer part = bytes.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN);
        String type = entry.get("dtype").asText();
        if (type.equals("F32")) {
            float[] numbers = new float[part.remaining() / 4];
            part.asFloatBuffer().get(numbers);
            return Tensor.create(numbers, shape);
        }
        if (!type.equals("BOOL")) {
            throw new IllegalArgumentException("tensor of type " + type + " where F32 or BOOL is expected");
        }
        boolean[] truths = new boolean[part.remaining()];
        for (int i = 0; i < truths.length; i++) {
            truths[i] = part.get(i) != 0;
        }
        return Tensor.create(truths, shape);
    }
}
