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
    private final ObjectMapper yaml = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    /**
     * Reads a file.
     *
     * @param base what holds for the keys that the file does not name
     * @throws InvalidTrainingConfigException when the file is missing, no YAML, or has an unknown key or a value that does not
     *     fit
     */
    public TrainingConfig read(Path file, TrainingConfig base) {
        try {
            return parse(Files.readString(file), base, file.toString());
        } catch (IOException e) {
            throw new InvalidTrainingConfigException(
                    "training configuration " + file + " cannot be read: "
                            + (Files.exists(file) ? e.getMessage() : "there is no such file"),
                    e);
        }
    }

    /** Like {@link #read}, from text; {@code source} is what messages call it. */
    public TrainingConfig parse(String text, TrainingConfig base, String source) {
        ObjectNode tree = yaml.valueToTree(base);
        try {
            JsonNode changes = yaml.readTree(text);
            if (changes != null && !changes.isMissingNode() && !changes.isNull()) {
                merge(tree, changes, "", source);
            }
            return yaml.treeToValue(tree, TrainingConfig.class);
        } catch (JsonProcessingException e) {
            if (e.getCause() instanceof InvalidTrainingConfigException invalid) {
                throw invalid;
            }
            if (e.getCause() instanceof IllegalArgumentException illegal) {
                throw new InvalidTrainingConfigException(source + ": " + illegal.getMessage(), e);
            }
            throw new InvalidTrainingConfigException(
                    "training configuration " + source + ": " + e.getOriginalMessage(), e);
        }
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
