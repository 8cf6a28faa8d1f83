package mezzotint.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sizes of a BERT network, in the keys of the {@code config.json} that transformers writes.
 *
 * @param vocabulary number of word pieces
 * @param width D, a multiple of {@code heads}
 * @param layers transformer blocks
 * @param heads H
 * @param hidden M, width of the feed-forward layer
 * @param positions the most tokens a text can have
 * @param eps added to the variance in layer normalisation
 */
public record BertConfig(int vocabulary, int width, int layers, int heads, int hidden, int positions, double eps) {
    /** @throws IllegalArgumentException when a size is below 1 or the heads do not divide the width */
    public BertConfig {
        if (vocabulary < 1 || width < 1 || layers < 1 || heads < 1 || hidden < 1 || positions < 2 || !(eps >= 0)) {
            throw new IllegalArgumentException(
                    "bert: %d word pieces, width %d, %d layers, %d heads, hidden %d, %d positions, eps %s: expected sizes of"
                                    .formatted(vocabulary, width, layers, heads, hidden, positions, eps)
                            + " at least 1, 2 positions and eps of at least 0");
        }
        if (width % heads != 0) {
            throw new IllegalArgumentException("bert: %d heads do not divide the width %d".formatted(heads, width));
        }
    }

    /** d, columns of one head. */
    int headWidth() {
        return width / heads;
    }

    /** As {@code config.json} holds it. */
    Map<String, Object> toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("model_type", "bert");
        json.put("vocab_size", vocabulary);
        json.put("hidden_size", width);
        json.put("num_hidden_layers", layers);
        json.put("num_attention_heads", heads);
        json.put("intermediate_size", hidden);
        json.put("max_position_embeddings", positions);
        json.put("layer_norm_eps", eps);
        json.put("hidden_act", "gelu");
        return json;
    }

    /** Reads {@code config.json}; {@code path} is for messages. */
    static BertConfig of(JsonNode json, Path path) {
        return new BertConfig(
                size(json, "vocab_size", path),
                size(json, "hidden_size", path),
                size(json, "num_hidden_layers", path),
                size(json, "num_attention_heads", path),
                size(json, "intermediate_size", path),
                size(json, "max_position_embeddings", path),
                json.path("layer_norm_eps").asDouble(1e-12));
    }

    private static int size(JsonNode json, String key, Path path) {
        JsonNode value = json.path(key);
        if (!value.isInt()) {
            throw new IllegalArgumentException("%s: \"%s\": expected a whole number, got %s"
                    .formatted(path, key, value.isMissingNode() ? "nothing" : value));
        }
        return value.asInt();
    }
}
