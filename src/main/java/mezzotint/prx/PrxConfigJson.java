package mezzotint.prx;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NumericNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The {@code transformer/config.json} of diffusers, to and from {@link PrxConfig}. */
public final class PrxConfigJson {
    private static final Set<String> KEYS = Set.of(
            "in_channels",
            "patch_size",
            "context_in_dim",
            "hidden_size",
            "mlp_ratio",
            "num_heads",
            "depth",
            "axes_dim",
            "theta",
            "time_factor",
            "time_max_period",
            "bottleneck_size",
            "resolution_embeds",
            "conditioning_block_ids",
            "resolution_tokens",
            "sprint");

    private PrxConfigJson() {}

    /**
     * Reads a configuration; absent keys have the defaults of diffusers, keys that start with an underscore are skipped.
     *
     * @throws InvalidPrxConfigException for an unknown key or a value that does not fit
     */
    public static PrxConfig read(JsonNode json) {
        json.fieldNames().forEachRemaining(key -> {
            if (!key.startsWith("_") && !KEYS.contains(key)) {
                throw new InvalidPrxConfigException(
                        key, "one of the known keys " + KEYS.stream().sorted().toList(), json.get(key));
            }
        });
        return new PrxConfig(
                whole(json, "in_channels", 16),
                whole(json, "patch_size", 2),
                whole(json, "context_in_dim", 2304),
                whole(json, "hidden_size", 1792),
                number(json, "mlp_ratio", 3.5),
                whole(json, "num_heads", 28),
                whole(json, "depth", 16),
                axes(json.path("axes_dim")),
                number(json, "theta", 10_000),
                (float) number(json, "time_factor", 1000),
                (float) number(json, "time_max_period", 10_000),
                json.hasNonNull("bottleneck_size")
                        ? OptionalInt.of(whole(json, "bottleneck_size", 0))
                        : OptionalInt.empty(),
                flag(json, "resolution_embeds"),
                new PrxExtensions(flag(json, "resolution_tokens"), sprint(json.path("sprint"))));
    }

    private static Optional<PrxExtensions.Sprint> sprint(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        if (!node.isObject() || !node.has("route_start") || !node.has("route_end")) {
            throw new InvalidPrxConfigException("sprint", "an object with route_start and route_end", node);
        }
        return Optional.of(new PrxExtensions.Sprint(
                whole(node, "route_start", 0), whole(node, "route_end", 0), !flag(node, "fixed_mask")));
    }

    /** Writes every key that diffusers reads; {@code bottleneck_size} and the keys of extensions only when set. */
    public static ObjectNode write(PrxConfig config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("in_channels", config.inChannels());
        json.put("patch_size", config.patchSize());
        json.put("context_in_dim", config.contextDim());
        json.put("hidden_size", config.hiddenSize());
        json.put("mlp_ratio", config.mlpRatio());
        json.put("num_heads", config.heads());
        json.put("depth", config.depth());
        json.putArray("axes_dim")
                .add(config.ropeAxes().row())
                .add(config.ropeAxes().column());
        json.set("theta", number(config.theta()));
        json.put("time_factor", config.timeFactor());
        json.set("time_max_period", number(config.timeMaxPeriod()));
        config.bottleneck().ifPresent(width -> json.put("bottleneck_size", width));
        json.put("resolution_embeds", config.resolutionEmbeds());
        if (config.extensions().resolutionTokens()) {
            json.put("resolution_tokens", true);
        }
        config.extensions()
                .sprint()
                .ifPresent(s -> json.putObject("sprint")
                        .put("route_start", s.first())
                        .put("route_end", s.last())
                        .put("fixed_mask", !s.learnableMask()));
        return json;
    }

    /** Whole numbers without a fraction, as diffusers writes them. */
    private static NumericNode number(double value) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return value == (int) value ? nodes.numberNode((int) value) : nodes.numberNode(value);
    }

    private static PrxConfig.RopeAxes axes(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return new PrxConfig.RopeAxes(32, 32);
        }
        if (!node.isArray()
                || node.size() != 2
                || !node.get(0).isInt()
                || !node.get(1).isInt()) {
            throw new InvalidPrxConfigException("axes_dim", "a list of two whole numbers", node);
        }
        return new PrxConfig.RopeAxes(node.get(0).intValue(), node.get(1).intValue());
    }

    private static int whole(JsonNode json, String key, int absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.isInt()) {
            throw new InvalidPrxConfigException(key, "a whole number", node);
        }
        return node.intValue();
    }

    private static boolean flag(JsonNode json, String key) {
        JsonNode node = json.path(key);
        if (!node.isMissingNode() && !node.isBoolean()) {
            throw new InvalidPrxConfigException(key, "true or false", node);
        }
        return node.asBoolean(false);
    }

    private static double number(JsonNode json, String key, double absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode()) {
            return absent;
        }
        if (!node.isNumber()) {
            throw new InvalidPrxConfigException(key, "a number", node);
        }
        return node.doubleValue();
    }
}
