package mezzotint.vision;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import mezzotint.nn.NamedTensors;
import mezzotint.tensor.Shape;

/**
 * The weights of a TensorFlow.js model that was packed into scripts, as npm packages do: a manifest as a JavaScript object, and
 * shards as base64 strings.
 *
 * <p>Quantised weights are {@code q · scale + min}, in double, rounded to float32.
 */
final class TfjsModel implements NamedTensors {
    private static final JsonMapper LENIENT = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .build();

    private static final String EXPORTS = ".exports=";
    private static final String MANIFEST = "weightsManifest:";

    /** One tensor: where its bytes begin, and how they are read. */
    private record Entry(Shape shape, int offset, boolean quantized, double scale, double min) {
        int bytes() {
            return Math.toIntExact(shape.elements()) * (quantized ? 1 : Float.BYTES);
        }
    }

    private final String source;
    private final byte[] data;
    private final Map<String, Entry> entries;

    private TfjsModel(String source, byte[] data, Map<String, Entry> entries) {
        this.source = source;
        this.data = data;
        this.entries = entries;
    }

    /**
     * Reads a model.
     *
     * @param source what to call it in a message
     * @param model the script with the manifest
     * @param shards the scripts with the data, in the manifest's order
     * @throws MalformedTfjsException where a script does not hold what it should
     */
    static TfjsModel read(String source, String model, List<String> shards) {
        JsonNode manifest = manifest(source, model);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        for (String shard : shards) {
            data.writeBytes(shard(source, shard));
        }
        Map<String, Entry> entries = new LinkedHashMap<>();
        int offset = 0;
        for (JsonNode group : manifest) {
            for (JsonNode weight : group.path("weights")) {
                Entry entry = entry(source, weight, offset);
                entries.put(weight.path("name").asText(), entry);
                offset = Math.addExact(offset, entry.bytes());
            }
        }
        if (offset != data.size()) {
            throw new MalformedTfjsException(
                    source,
                    "shards of %d bytes in all, as the manifest says".formatted(offset),
                    data.size() + " bytes");
        }
        return new TfjsModel(source, data.toByteArray(), entries);
    }

    /** The array after {@code weightsManifest:}, of a minified script. */
    private static JsonNode manifest(String source, String model) {
        int at = model.indexOf(MANIFEST);
        if (at < 0) {
            throw new MalformedTfjsException(source, "a script with a weightsManifest", "none");
        }
        String array = balanced(source, model, at + MANIFEST.length());
        try {
            // a minifier's true and false; no name or path of a weight has an exclamation mark
            return LENIENT.readTree(array.replace("!0", "true").replace("!1", "false"));
        } catch (JsonProcessingException e) {
            throw new MalformedTfjsException(source, "a weightsManifest that is an object", e.getOriginalMessage());
        }
    }

    /** From an opening bracket to the one that closes it. */
    private static String balanced(String source, String script, int from) {
        int depth = 0;
        for (int i = from; i < script.length(); i++) {
            char c = script.charAt(i);
            if (c == '[') {
                depth++;
            } else if (c == ']' && --depth == 0) {
                return script.substring(from, i + 1);
            }
        }
        throw new MalformedTfjsException(source, "a whole weightsManifest", "one that does not end");
    }

    private static byte[] shard(String source, String script) {
        int begin = script.indexOf(EXPORTS + '"');
        int end = begin < 0 ? -1 : script.indexOf('"', begin + EXPORTS.length() + 1);
        if (end < 0) {
            throw new MalformedTfjsException(source, "a shard that exports a string", "none");
        }
        try {
            return Base64.getDecoder().decode(script.substring(begin + EXPORTS.length() + 1, end));
        } catch (IllegalArgumentException e) {
            throw new MalformedTfjsException(source, "a shard in base64", e.getMessage());
        }
    }

    private static Entry entry(String source, JsonNode weight, int offset) {
        JsonNode dims = weight.path("shape");
        long[] shape = new long[dims.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = dims.get(i).asLong(-1);
        }
        JsonNode quantization = weight.path("quantization");
        boolean quantized = quantization.isObject();
        String type = quantized
                ? quantization.path("dtype").asText()
                : weight.path("dtype").asText();
        boolean known = quantized ? type.equals("uint8") : type.equals("float32");
        if (!known || java.util.Arrays.stream(shape).anyMatch(d -> d < 0)) {
            throw new MalformedTfjsException(source, "weights of float32 or quantised to uint8", weight.toString());
        }
        return new Entry(
                Shape.of(shape),
                offset,
                quantized,
                quantization.path("scale").asDouble(),
                quantization.path("min").asDouble());
    }

    @Override
    public Set<String> names() {
        return new LinkedHashSet<>(entries.keySet());
    }

    @Override
    public Shape shape(String name) {
        return entry(name).shape();
    }

    @Override
    public float[] values(String name) {
        Entry entry = entry(name);
        float[] values = new float[Math.toIntExact(entry.shape().elements())];
        if (!entry.quantized()) {
            ByteBuffer.wrap(data, entry.offset(), entry.bytes())
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
            return values;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((data[entry.offset() + i] & 0xff) * entry.scale() + entry.min());
        }
        return values;
    }

    private Entry entry(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new MalformedTfjsException(source, "a weight called " + name, "none");
        }
        return entry;
    }

    @Override
    public String toString() {
        return source;
    }
}
