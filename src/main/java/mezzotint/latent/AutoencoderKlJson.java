package mezzotint.latent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/** The {@code config.json} of an AutoencoderKL of diffusers, to and from {@link AutoencoderKl.Config}. */
final class AutoencoderKlJson {
    static final String CLASS_NAME = "AutoencoderKL";
    private static final String DOWN = "DownEncoderBlock2D";
    private static final String UP = "UpDecoderBlock2D";
    private static final Set<String> KEYS = Set.of(
            "in_channels",
            "out_channels",
            "down_block_types",
            "up_block_types",
            "block_out_channels",
            "layers_per_block",
            "act_fn",
            "latent_channels",
            "norm_num_groups",
            "sample_size",
            "scaling_factor",
            "shift_factor",
            "latents_mean",
            "latents_std",
            "force_upcast",
            "use_quant_conv",
            "use_post_quant_conv",
            "mid_block_add_attention");

    private AutoencoderKlJson() {}

    /** @throws InvalidCodecConfigException for another class, an unknown key or a value that does not fit */
    static AutoencoderKl.Config read(JsonNode json) {
        Settings settings = Settings.of(json, CLASS_NAME, KEYS);
        List<Integer> channels = settings.wholes("block_out_channels", List.of(64));
        settings.words("down_block_types", channels.size(), DOWN, Set.of(DOWN));
        settings.words("up_block_types", channels.size(), UP, Set.of(UP));
        settings.word("act_fn", "silu", Set.of("silu"));
        settings.flag("force_upcast", true); // everything is float32 here
        settings.requireNull("latents_mean", "null: PRX scales all channels alike");
        settings.requireNull("latents_std", "null: PRX scales all channels alike");
        requireColours(settings.whole("in_channels", 3), "in_channels");
        requireColours(settings.whole("out_channels", 3), "out_channels");
        return new AutoencoderKl.Config(
                channels,
                settings.whole("layers_per_block", 1),
                settings.whole("latent_channels", 4),
                settings.whole("norm_num_groups", 32),
                settings.whole("sample_size", 32),
                new LatentScale(settings.number("scaling_factor", 0.18215f), settings.number("shift_factor", 0)),
                settings.flag("mid_block_add_attention", true),
                settings.flag("use_quant_conv", true),
                settings.flag("use_post_quant_conv", true));
    }

    private static void requireColours(int channels, String key) {
        if (channels != 3) {
            throw new InvalidCodecConfigException(key, "3 colours", channels);
        }
    }

    /** Every key that diffusers reads. */
    static ObjectNode write(AutoencoderKl.Config config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put(Settings.CLASS, CLASS_NAME);
        json.put("act_fn", "silu");
        config.channels().forEach(json.putArray("block_out_channels")::add);
        config.channels().forEach(_ -> json.withArray("down_block_types").add(DOWN));
        json.put("force_upcast", false);
        json.put("in_channels", 3);
        json.put("latent_channels", config.latentChannels());
        json.putNull("latents_mean");
        json.putNull("latents_std");
        json.put("layers_per_block", config.layers());
        json.put("mid_block_add_attention", config.attention());
        json.put("norm_num_groups", config.normGroups());
        json.put("out_channels", 3);
        json.put("sample_size", config.sampleSize());
        json.put("scaling_factor", config.scale().factor());
        json.put("shift_factor", config.scale().shift());
        config.channels().forEach(_ -> json.withArray("up_block_types").add(UP));
        json.put("use_post_quant_conv", config.postQuantConvolution());
        json.put("use_quant_conv", config.quantConvolution());
        return json;
    }
}
