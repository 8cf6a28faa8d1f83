package mezzotint.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Reads the {@code config.json} of a published text encoder, as transformers writes it: flat, or as a section of a whole model. */
final class TowerConfigJson {
    private static final int MAX_LAYERS = 1000;

    private final Path file;
    private final JsonNode json;

    private TowerConfigJson(Path file, JsonNode json) {
        this.file = file;
        this.json = json;
    }

    /**
     * The configuration in a file's content.
     *
     * @param file for messages
     * @throws TextFormatException where a key is missing or has a value this version does not know
     */
    static TowerConfig read(Path file, JsonNode config) {
        String type = config.path("model_type").asText();
        return switch (type) {
            case "t5_gemma_module" -> new TowerConfigJson(file, config).t5Gemma();
            case "t5gemma" -> new TowerConfigJson(file, section(file, config, "encoder")).t5Gemma();
            case "qwen3_vl_text" -> new TowerConfigJson(file, config).qwen();
            case "qwen3_vl" -> new TowerConfigJson(file, section(file, config, "text_config")).qwen();
            default ->
                throw new TextFormatException(
                        file,
                        "model_type",
                        "one of \"t5gemma\", \"t5_gemma_module\", \"qwen3_vl\", \"qwen3_vl_text\"",
                        config.path("model_type").isMissingNode() ? "none" : '"' + type + '"');
        };
    }

    private static JsonNode section(Path file, JsonNode config, String key) {
        if (!config.path(key).isObject()) {
            throw new TextFormatException(file, key, "an object", describe(config.path(key)));
        }
        return config.path(key);
    }

    private TowerConfig t5Gemma() {
        requireText("hidden_activation", "gelu_pytorch_tanh");
        double scale = 1 / Math.sqrt(positive("query_pre_attn_scalar"));
        JsonNode cap = json.path("attn_logit_softcapping");
        return config(
                TowerConfig.Kind.T5GEMMA, (float) scale, cap.isNumber() ? cap.floatValue() : 0f, windows());
    }

    private TowerConfig qwen() {
        requireText("hidden_act", "silu");
        int half = integer("head_dim") / 2;
        JsonNode sections = rope().path("mrope_section");
        int sum = 0;
        for (JsonNode part : sections) {
            sum += part.asInt();
        }
        // Text has one position for all three axes, so that how they share the pairs makes no difference.
        if (!sections.isMissingNode() && sum != half) {
            throw new TextFormatException(file, "mrope_section", "a sum of " + half, sections.toString());
        }
        double scale = 1 / Math.sqrt(integer("head_dim"));
        List<OptionalInt> windows = new ArrayList<>();
        for (int i = 0; i < layers(); i++) {
            windows.add(OptionalInt.empty());
        }
        return config(TowerConfig.Kind.QWEN3_VL, (float) scale, 0f, windows);
    }

    private TowerConfig config(TowerConfig.Kind kind, float scale, float cap, List<OptionalInt> windows) {
        if (json.path("attention_bias").asBoolean()) {
            throw new TextFormatException(file, "attention_bias", "false", "true");
        }
        int heads = integer("num_attention_heads");
        int keyHeads = integer("num_key_value_heads");
        if (heads % keyHeads != 0) {
            throw new TextFormatException(
                    file, "num_key_value_heads", "a divisor of num_attention_heads " + heads, "" + keyHeads);
        }
        int headWidth = integer("head_dim");
        if (headWidth % 2 != 0) {
            throw new TextFormatException(file, "head_dim", "an even number", "" + headWidth);
        }
        return new TowerConfig(
                kind,
                integer("vocab_size"),
                integer("hidden_size"),
                integer("intermediate_size"),
                heads,
                keyHeads,
                headWidth,
                (float) positive("rms_norm_eps"),
                theta(),
                scale,
                cap,
                windows);
    }

    /** Windows by layer; without a list every second layer has one, beginning with the first. */
    private List<OptionalInt> windows() {
        JsonNode types = json.path("layer_types");
        if (types.isArray() && types.size() != layers()) {
            throw new TextFormatException(file, "layer_types", layers() + " entries", types.size() + " of them");
        }
        List<OptionalInt> windows = new ArrayList<>();
        for (int i = 0; i < layers(); i++) {
            String type = types.isArray()
                    ? types.path(i).asText()
                    : i % 2 == 0 ? "sliding_attention" : "full_attention";
            windows.add(
                    switch (type) {
                        case "sliding_attention" -> OptionalInt.of(integer("sliding_window"));
                        case "full_attention" -> OptionalInt.empty();
                        default ->
                            throw new TextFormatException(
                                    file,
                                    "layer_types",
                                    "\"sliding_attention\" or \"full_attention\"",
                                    '"' + type + '"');
                    });
        }
        return windows;
    }

    private int layers() {
        int layers = integer("num_hidden_layers");
        if (layers > MAX_LAYERS) {
            throw new TextFormatException(file, "num_hidden_layers", "at most " + MAX_LAYERS, "" + layers);
        }
        return layers;
    }

    /** Settings of the rotation, which older versions call scaling. */
    private JsonNode rope() {
        JsonNode rope = json.path("rope_parameters");
        return rope.isObject() ? rope : json.path("rope_scaling");
    }

    private double theta() {
        JsonNode rope = rope();
        String type = rope.path("rope_type").asText("default");
        if (!type.equals("default")) {
            throw new TextFormatException(file, "rope_type", "\"default\"", '"' + type + '"');
        }
        return rope.path("rope_theta").isNumber()
                ? positive("rope_theta", rope.path("rope_theta"))
                : positive("rope_theta");
    }

    private void requireText(String key, String expected) {
        if (!json.path(key).asText().equals(expected)) {
            throw new TextFormatException(file, key, '"' + expected + '"', describe(json.path(key)));
        }
    }

    private int integer(String key) {
        JsonNode value = json.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
            throw new TextFormatException(file, key, "an integer of at least 1", describe(value));
        }
        return value.intValue();
    }

    private double positive(String key) {
        return positive(key, json.path(key));
    }

    private double positive(String key, JsonNode value) {
        if (!value.isNumber() || !(value.doubleValue() > 0) || !Double.isFinite(value.doubleValue())) {
            throw new TextFormatException(file, key, "a number above 0", describe(value));
        }
        return value.doubleValue();
    }

    private static String describe(JsonNode value) {
        return value.isMissingNode() ? "none" : value.toString();
    }
}
