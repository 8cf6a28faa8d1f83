package mezzotint.vision;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A {@code config.json} of the transformers library, read key by key; keys that are not asked for are passed over.
 *
 * @param where what to call it in a message
 */
record VisionConfig(String where, JsonNode json) {

    String type() {
        return json.path("model_type").asText();
    }

    int positive(String key, int absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.canConvertToInt() || !node.isIntegralNumber() || node.intValue() < 1) {
            throw wrong(key, "a whole number of at least 1");
        }
        return node.intValue();
    }

    int count(String key, int absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.canConvertToInt() || !node.isIntegralNumber() || node.intValue() < 0) {
            throw wrong(key, "a whole number of at least 0");
        }
        return node.intValue();
    }

    float number(String key, double absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return (float) absent;
        }
        if (!node.isNumber() || !(node.doubleValue() > 0)) {
            throw wrong(key, "a number above 0");
        }
        return node.floatValue();
    }

    boolean flag(String key, boolean absent) {
        JsonNode node = json.path(key);
        if (!node.isMissingNode() && !node.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return node.asBoolean(absent);
    }

    VitActivation activation(String absent) {
        String name = json.path("hidden_act").asText(absent);
        return VitActivation.of(name).orElseThrow(() -> wrong("hidden_act", "one of " + VitActivation.names()));
    }

    /** Three colours are all that these networks are published for. */
    VisionConfig withThreeChannels() {
        if (positive("num_channels", 3) != 3) {
            throw wrong("num_channels", "3");
        }
        return this;
    }

    InvalidVisionConfigException wrong(String key, String expected) {
        return new InvalidVisionConfigException(where, key, expected, json.path(key));
    }
}
