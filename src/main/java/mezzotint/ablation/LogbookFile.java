package mezzotint.ablation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import mezzotint.io.NearestName;

/**
 * Logbooks as YAML.
 *
 * <pre>
 * name: pixels
 * question: Does a small PRX learn more when it predicts the picture?
 * base: {run: {steps: 500}}
 * seeds: [1, 2, 3]
 * judging: {pictures: 256, steps: 10, guidance: 3, encoder: none, headline: loss, seed: 7}
 * variants:
 *   - {name: baseline, title: x-prediction}
 *   - name: velocity
 *     title: v-prediction
 *     change: {flow: {prediction: v}}
 *     expect: {direction: worse, because: the network has to carry the noise through}
 *     published: {direction: worse, figures: "FID 17.4 → 40", source: JiT}
 * </pre>
 *
 * A variant is compared with the baseline unless {@code against} names another one above it.
 */
public final class LogbookFile {
    private static final List<String> KEYS = List.of("name", "question", "base", "seeds", "judging", "variants");
    private static final List<String> VARIANT_KEYS =
            List.of("name", "title", "change", "against", "expect", "published");
    private static final List<String> JUDGING_KEYS =
            List.of("pictures", "steps", "guidance", "encoder", "headline", "seed");

    private final YAMLMapper yaml = new YAMLMapper();

    /**
     * Reads a logbook and checks every configuration in it.
     *
     * @throws InvalidLogbookException when the file is missing, no YAML, or has a key or a value that does not fit
     * @throws mezzotint.training.InvalidTrainingConfigException when a configuration does not
     */
    public Logbook read(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new InvalidLogbookException(
                    "logbook " + file + " cannot be read: "
                            + (Files.exists(file) ? e.getMessage() : "there is no such file"),
                    e);
        }
    }

    /** Like {@link #read}, from text; {@code source} is what messages call it. */
    public Logbook parse(String text, String source) {
        JsonNode tree;
        try {
            tree = yaml.readTree(text);
        } catch (JsonProcessingException e) {
            throw new InvalidLogbookException("logbook " + source + " is no YAML: " + e.getOriginalMessage(), e);
        }
        ObjectNode root = object(tree, source);
        checkKeys(root, KEYS, source);
        String name = text(root, "name", source);
        List<Variant> variants = new ArrayList<>();
        for (JsonNode node : list(root, "variants", source)) {
            variants.add(variant(node, variants, source + ", variant " + (variants.size() + 1)));
        }
        List<Long> seeds = new ArrayList<>();
        for (JsonNode seed : list(root, "seeds", source)) {
            if (!seed.isIntegralNumber()) {
                throw new InvalidLogbookException(source + ", seeds: expected whole numbers, got " + seed);
            }
            seeds.add(seed.longValue());
        }
        Logbook logbook = new Logbook(
                name,
                text(root, "question", source),
                root.has("base") ? object(root.get("base"), source + ", base") : empty(),
                seeds,
                judging(object(root.path("judging"), source + ", judging"), source + ", judging"),
                variants);
        logbook.variants().forEach(variant -> logbook.config(variant, seeds.getFirst()));
        return logbook;
    }

    private static Judging judging(ObjectNode node, String at) {
        checkKeys(node, JUDGING_KEYS, at);
        return new Judging(
                (int) number(node, "pictures", at),
                (int) number(node, "steps", at),
                (float) number(node, "guidance", at),
                text(node, "encoder", at),
                text(node, "headline", at),
                (long) number(node, "seed", at));
    }

    private static Variant variant(JsonNode tree, List<Variant> before, String at) {
        ObjectNode node = object(tree, at);
        checkKeys(node, VARIANT_KEYS, at);
        String name = text(node, "name", at);
        ObjectNode change = node.has("change") ? object(node.get("change"), at + ", change") : empty();
        Optional<String> against = Optional.ofNullable(
                node.has("against")
                        ? text(node, "against", at)
                        : before.isEmpty() ? null : before.getFirst().name());
        return new Variant(
                name,
                node.has("title") ? text(node, "title", at) : name,
                change,
                against,
                expectation(node, at),
                published(node, at));
    }

    private static Optional<Expectation> expectation(ObjectNode variant, String at) {
        if (!variant.has("expect")) {
            return Optional.empty();
        }
        String place = at + ", expect";
        ObjectNode node = object(variant.get("expect"), place);
        checkKeys(node, List.of("direction", "because"), place);
        return Optional.of(new Expectation(direction(node, place), text(node, "because", place)));
    }

    private static Optional<Published> published(ObjectNode variant, String at) {
        if (!variant.has("published")) {
            return Optional.empty();
        }
        String place = at + ", published";
        ObjectNode node = object(variant.get("published"), place);
        checkKeys(node, List.of("direction", "figures", "source"), place);
        return Optional.of(
                new Published(direction(node, place), text(node, "figures", place), text(node, "source", place)));
    }

    private static Direction direction(ObjectNode node, String at) {
        String word = text(node, "direction", at);
        return Arrays.stream(Direction.values())
                .filter(direction -> direction.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new InvalidLogbookException(
                        at + ", direction: expected better, worse, same or unknown, got \"" + word + "\""));
    }

    private static void checkKeys(ObjectNode node, List<String> known, String at) {
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw new InvalidLogbookException("%s, key %s: expected one of %s, nearest is %s"
                        .formatted(at, key, known, NearestName.of(key, known)));
            }
        });
    }

    private static ObjectNode object(JsonNode node, String at) {
        if (!(node instanceof ObjectNode object)) {
            throw new InvalidLogbookException(at + ": expected keys and values, got "
                    + (node == null || node.isMissingNode() ? "nothing" : node));
        }
        return object;
    }

    private static JsonNode list(ObjectNode node, String key, String at) {
        JsonNode list = node.path(key);
        if (!list.isArray()) {
            throw new InvalidLogbookException(
                    at + ", " + key + ": expected a list, got " + (list.isMissingNode() ? "nothing" : list));
        }
        return list;
    }

    private static String text(ObjectNode node, String key, String at) {
        JsonNode value = node.path(key);
        if (!value.isValueNode() || value.isNull()) {
            throw new InvalidLogbookException(
                    at + ", " + key + ": expected a text, got " + (value.isMissingNode() ? "nothing" : value));
        }
        return value.asText();
    }

    private static double number(ObjectNode node, String key, String at) {
        JsonNode value = node.path(key);
        if (!value.isNumber()) {
            throw new InvalidLogbookException(
                    at + ", " + key + ": expected a number, got " + (value.isMissingNode() ? "nothing" : value));
        }
        return value.doubleValue();
    }

    private static ObjectNode empty() {
        return JsonNodeFactory.instance.objectNode();
    }
}
