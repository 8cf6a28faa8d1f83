package mezzotint.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.io.NearestName;

/**
 * Training configurations as YAML: only what differs from a base is named, keys are in snake_case.
 *
 * <pre>
 * run: {steps: 500, seed: 7}
 * flow: {prediction: v}
 * </pre>
 */
public final class TrainingConfigFile {
    private static final String BASE = "base";

    private final ObjectMapper yaml = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    /**
     * Reads a file. It may name the file that it starts from, beside its own place:
     *
     * <pre>
     * base: pixel-baseline.yaml
     * technique: {tread: {probability: 0.5}}
     * </pre>
     *
     * @param base what holds for the keys that neither the file nor those it starts from name
     * @throws InvalidTrainingConfigException when a file is missing, no YAML, starts from itself, or has an unknown key or a
     *     value that does not fit
     */
    public TrainingConfig read(Path file, TrainingConfig base) {
        return read(file, base, List.of());
    }

    private TrainingConfig read(Path file, TrainingConfig base, List<Path> readers) {
        Path whole = file.toAbsolutePath().normalize();
        if (readers.contains(whole)) {
            throw new InvalidTrainingConfigException(
                    readers.getLast() + ", key " + BASE, "a file that does not start from this one", file);
        }
        JsonNode changes = tree(file);
        TrainingConfig start = base;
        JsonNode named = changes.isObject() ? ((ObjectNode) changes).remove(BASE) : null;
        if (named != null) {
            if (!named.isTextual()) {
                throw new InvalidTrainingConfigException(file + ", key " + BASE, "the name of a file", named);
            }
            List<Path> all = new ArrayList<>(readers);
            all.add(whole);
            start = read(whole.resolveSibling(named.textValue()), base, all);
        }
        return changed(start, changes, file.toString());
    }

    private JsonNode tree(Path file) {
        try {
            return tree(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new InvalidTrainingConfigException(
                    "training configuration " + file + " cannot be read: "
                            + (Files.exists(file) ? e.getMessage() : "there is no such file"),
                    e);
        }
    }

    private JsonNode tree(String text, String source) {
        try {
            JsonNode tree = yaml.readTree(text);
            return tree == null || tree.isMissingNode() || tree.isNull() ? yaml.createObjectNode() : tree;
        } catch (JsonProcessingException e) {
            throw invalid(source, e);
        }
    }

    /** Like {@link #read}, from text; {@code source} is what messages call it. */
    public TrainingConfig parse(String text, TrainingConfig base, String source) {
        return changed(base, tree(text, source), source);
    }

    /**
     * What differs, as YAML.
     *
     * @param text as for {@link #parse}
     * @param source what messages call it
     */
    public record Change(String text, String source) {}

    /**
     * Several changes, one over the other; only all of them together have to make sense.
     *
     * @throws InvalidTrainingConfigException as for {@link #read}
     */
    public TrainingConfig parseAll(List<Change> changes, TrainingConfig base) {
        ObjectNode tree = yaml.valueToTree(base);
        changes.forEach(change -> merge(tree, tree(change.text, change.source), "", change.source));
        return config(tree, changes.isEmpty() ? "unchanged" : changes.getLast().source);
    }

    private TrainingConfig changed(TrainingConfig base, JsonNode changes, String source) {
        ObjectNode tree = yaml.valueToTree(base);
        merge(tree, changes, "", source);
        return config(tree, source);
    }

    private TrainingConfig config(ObjectNode tree, String source) {
        try {
            return yaml.treeToValue(tree, TrainingConfig.class);
        } catch (JsonProcessingException e) {
            throw invalid(source, e);
        }
    }

    private static InvalidTrainingConfigException invalid(String source, JsonProcessingException e) {
        if (e.getCause() instanceof InvalidTrainingConfigException invalid) {
            return invalid;
        }
        if (e.getCause() instanceof IllegalArgumentException illegal) {
            return new InvalidTrainingConfigException(source + ": " + illegal.getMessage(), e);
        }
        return new InvalidTrainingConfigException(
                "training configuration " + source + ": " + e.getOriginalMessage(), e);
    }

    /** The whole configuration as YAML, readable by {@link #parse}. */
    public String write(TrainingConfig config) {
        try {
            return yaml.writeValueAsString(config);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a training configuration could not be written", e);
        }
    }

    private static void merge(ObjectNode base, JsonNode changes, String path, String source) {
        if (!changes.isObject()) {
            throw new InvalidTrainingConfigException(
                    path.isEmpty() ? source : path, "keys and values, such as run: {steps: 500}", changes);
        }
        for (var change : changes.properties()) {
            String key = change.getKey();
            JsonNode known = base.get(key);
            if (known == null) {
                List<String> names = new ArrayList<>();
                base.fieldNames().forEachRemaining(names::add);
                throw new InvalidTrainingConfigException(
                        source + ", key " + path + key,
                        "one of " + names + ", nearest is " + NearestName.of(key, names),
                        key);
            }
            if (known.isObject()) {
                merge((ObjectNode) known, change.getValue(), path + key + ".", source);
            } else if (change.getValue().isNull()) {
                throw new InvalidTrainingConfigException(path + key, "a value", "nothing");
            } else {
                base.set(key, change.getValue());
            }
        }
    }
}
