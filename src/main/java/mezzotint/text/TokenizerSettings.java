package mezzotint.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import mezzotint.io.Json;

/**
 * What a {@code tokenizer_config.json} says about lengths.
 *
 * @param padToken the text of the padding token; empty where there is none
 * @param padLeft whether padding goes before the prompt
 * @param cutLeft whether a long prompt loses its beginning
 * @param maxTokens length the model was made for
 */
record TokenizerSettings(Optional<String> padToken, boolean padLeft, boolean cutLeft, int maxTokens) {
    static final String FILE = "tokenizer_config.json";

    /** Tokenizers that pad on the left unless told otherwise. */
    private static final Set<String> LEFT_BY_CLASS = Set.of("GemmaTokenizer", "GemmaTokenizerFast");

    /**
     * Reads the settings of a tokenizer folder.
     *
     * @throws mezzotint.io.FileReadException where the file is missing
     * @throws mezzotint.io.MalformedJsonException where it is no JSON object
     * @throws TextFormatException where a setting is none
     */
    static TokenizerSettings read(Path folder) {
        Path file = folder.resolve(FILE);
        JsonNode json = Json.readObject(file);
        boolean leftByClass =
                LEFT_BY_CLASS.contains(json.path("tokenizer_class").asText());
        return new TokenizerSettings(
                padToken(folder, json),
                isLeft(file, json, "padding_side", leftByClass),
                isLeft(file, json, "truncation_side", false),
                maxTokens(file, json.path("model_max_length")));
    }

    private static Optional<String> padToken(Path folder, JsonNode json) {
        Optional<String> here = content(json.path("pad_token"));
        Path map = folder.resolve("special_tokens_map.json"); // where older versions wrote it
        return here.isPresent() || !Files.exists(map)
                ? here
                : content(Json.readObject(map).path("pad_token"));
    }

    /** A token is written as its text or as an object with it. */
    private static Optional<String> content(JsonNode token) {
        JsonNode text = token.isObject() ? token.path("content") : token;
        return text.isTextual() ? Optional.of(text.asText()) : Optional.empty();
    }

    private static boolean isLeft(Path file, JsonNode json, String key, boolean absent) {
        JsonNode side = json.path(key);
        if (side.isMissingNode() || side.isNull()) {
            return absent;
        }
        return switch (side.asText()) {
            case "left" -> true;
            case "right" -> false;
            default -> throw new TextFormatException(file, key, "\"left\" or \"right\"", side.toString());
        };
    }

    /** Some files write 10³⁰ for "no limit". */
    private static int maxTokens(Path file, JsonNode length) {
        if (length.isMissingNode() || length.isNull()) {
            return Integer.MAX_VALUE;
        }
        if (!length.isNumber() || !(length.doubleValue() >= 1)) {
            throw new TextFormatException(file, "model_max_length", "a number of at least 1", length.toString());
        }
        return (int) Math.min(Integer.MAX_VALUE, length.doubleValue());
    }
}
