package mezzotint.latent;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import mezzotint.io.NearestName;

/** The values of a {@code config.json} by key; an absent key has the default of diffusers. */
record Settings(JsonNode json) {
    static final String CLASS = "_class_name";

    /**
     * Checks the class and the keys; those that start with an underscore are otherwise skipped.
     *
     * @throws InvalidCodecConfigException for another class or an unknown key
     */
    static Settings of(JsonNode json, String className, Set<String> known) {
        if (!json.path(CLASS).asText().equals(className)) {
            throw new InvalidCodecConfigException(CLASS, className, json.path(CLASS));
        }
        json.fieldNames().forEachRemaining(key -> {
            if (!key.startsWith("_") && !known.contains(key)) {
                throw new InvalidCodecConfigException(
                        key,
                        "no such key; did you mean %s?".formatted(NearestName.of(key, new java.util.TreeSet<>(known))),
                        json.get(key));
            }
        });
        return new Settings(json);
    }

    int whole(String key, int absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.isInt()) {
            throw new InvalidCodecConfigException(key, "a whole number", node);
        }
        return node.intValue();
    }

    /** A number; null counts as absent. */
    float number(String key, float absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return absent;
        }
        if (!node.isNumber()) {
            throw new InvalidCodecConfigException(key, "a number", node);
        }
        return node.floatValue();
    }

    boolean flag(String key, boolean absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.isBoolean()) {
            throw new InvalidCodecConfigException(key, "true or false", node);
        }
        return node.booleanValue();
    }

    /** One of some words. */
    String word(String key, String absent, Set<String> allowed) {
        JsonNode node = json.path(key);
        return node.isMissingNode() ? absent : wordOf(key, node, allowed);
    }

    /** Words, one for each of {@code count} places; a single one is for all of them. */
    List<String> words(String key, int count, String absent, Set<String> allowed) {
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isTextual()) {
            return Collections.nCopies(count, node.isTextual() ? wordOf(key, node, allowed) : absent);
        }
        requireList(key, node, count, "a list of %d words".formatted(count));
        List<String> words = new ArrayList<>();
        node.forEach(one -> words.add(wordOf(key, one, allowed)));
        return List.copyOf(words);
    }

    private static String wordOf(String key, JsonNode node, Set<String> allowed) {
        if (!node.isTextual() || !allowed.contains(node.asText())) {
            throw new InvalidCodecConfigException(
                    key, "one of " + allowed.stream().sorted().toList(), node);
        }
        return node.asText();
    }

    List<Integer> wholes(String key, List<Integer> absent) {
        JsonNode node = json.path(key);
        return node.isMissingNode() ? absent : wholesOf(key, node);
    }

    /** Lists of whole numbers, {@code count} of them. */
    List<List<Integer>> wholeLists(String key, int count, List<List<Integer>> absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return absent;
        }
        requireList(key, node, count, "a list of %d lists".formatted(count));
        List<List<Integer>> lists = new ArrayList<>();
        node.forEach(one -> lists.add(wholesOf(key, one)));
        return List.copyOf(lists);
    }

    private static List<Integer> wholesOf(String key, JsonNode node) {
        List<Integer> wholes = new ArrayList<>();
        for (JsonNode one : node) {
            if (!one.isInt()) {
                throw new InvalidCodecConfigException(key, "whole numbers", node);
            }
            wholes.add(one.intValue());
        }
        if (!node.isArray()) {
            throw new InvalidCodecConfigException(key, "a list of whole numbers", node);
        }
        return List.copyOf(wholes);
    }

    private static void requireList(String key, JsonNode node, int count, String expected) {
        if (!node.isArray() || node.size() != count) {
            throw new InvalidCodecConfigException(key, expected, node);
        }
    }

    /** Fails unless a key is absent or null. */
    void requireNull(String key, String expected) {
        if (json.hasNonNull(key)) {
            throw new InvalidCodecConfigException(key, expected, json.get(key));
        }
    }
}
