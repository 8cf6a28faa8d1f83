package mezzotint.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON files, read strictly (no key twice, nothing after the end) and written whole or not at all. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectReader READER = MAPPER.readerFor(JsonNode.class);
    private static final ObjectWriter WRITER = MAPPER.writerWithDefaultPrettyPrinter();

    private Json() {}

    /**
     * Reads a file.
     *
     * @param path the file
     * @throws FileReadException where it is missing or unreadable
     * @throws MalformedJsonException where it is no JSON, with line and column
     */
    public static JsonNode read(Path path) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (IOException e) {
            throw FileReadException.of(path, e);
        }
        try {
            JsonNode node = READER.readTree(bytes);
            if (node.isMissingNode()) {
                throw new MalformedJsonException(path, "it is empty");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw MalformedJsonException.of(path, e);
        } catch (IOException e) {
            throw FileReadException.of(path, e);
        }
    }

    /**
     * Reads a file that holds an object.
     *
     * @param path the file
     * @throws FileReadException where it is missing or unreadable
     * @throws MalformedJsonException where it is no JSON object
     */
    public static JsonNode readObject(Path path) {
        JsonNode node = read(path);
        if (!node.isObject()) {
            throw new MalformedJsonException(path, "expected an object, got " + node.getNodeType());
        }
        return node;
    }

    /**
     * Writes a file, indented, whole or not at all.
     *
     * @param path the file to write or replace
     * @param value a {@link JsonNode}, map, list, record, string or number
     * @throws FileWriteException where the file system refuses
     */
    public static void write(Path path, Object value) {
        AtomicFiles.write(path, out -> WRITER.writeValue(out, value));
    }
}
