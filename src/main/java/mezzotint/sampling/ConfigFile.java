package mezzotint.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import mezzotint.io.Json;

/** A JSON object of a model folder, whose mistakes are told by file, key, expected and got. */
final class ConfigFile {
    private final Path path;
    private final JsonNode json;

    private ConfigFile(Path path, JsonNode json) {
        this.path = path;
        this.json = json;
    }

    static ConfigFile read(Path path) {
        return new ConfigFile(path, Json.readObject(path));
    }

    JsonNode json() {
        return json;
    }

    /** Refuses every key that is neither known nor starts with an underscore. */
    void requireKnownKeys(Set<String> known) {
        json.fieldNames().forEachRemaining(key -> {
            if (!key.startsWith("_") && !known.contains(key)) {
                throw wrong(key, "no such key, only " + String.join(", ", new TreeSet<>(known)), json.get(key));
            }
        });
    }

    /** A class name that has to be there and to be one of those. */
    String className(String key, List<String> expected) {
        JsonNode node = json.path(key);
        if (!node.isTextual() || !expected.contains(node.asText())) {
            throw wrong(key, String.join(" or ", expected), node);
        }
        return node.asText();
    }

    boolean has(String key) {
        return json.hasNonNull(key);
    }

    Optional<JsonNode> object(String key) {
        JsonNode node = json.path(key);
        return node.isObject() ? Optional.of(node) : Optional.empty();
    }

    OptionalInt positiveInt(String key) {
        if (!has(key)) {
            return OptionalInt.empty();
        }
        JsonNode node = json.get(key);
        if (!node.isInt() || node.intValue() < 1) {
            throw wrong(key, "a whole number of at least 1", node);
        }
        return OptionalInt.of(node.intValue());
    }

    Optional<Float> positiveFloat(String key) {
        if (!has(key)) {
            return Optional.empty();
        }
        JsonNode node = json.get(key);
        if (!node.isNumber() || !(node.floatValue() > 0) || Float.isInfinite(node.floatValue())) {
            throw wrong(key, "a number above 0", node);
        }
        return Optional.of(node.floatValue());
    }

    ModelFormatException wrong(String key, String expected, JsonNode got) {
        return new ModelFormatException(path, key, expected, got.isMissingNode() ? "no such key" : got.toString());
    }
}
