package mezzotint.latent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import mezzotint.latent.AutoencoderDc.Config;
import mezzotint.latent.AutoencoderDc.Stage;

/** The {@code config.json} of an AutoencoderDC of diffusers, to and from {@link Config}. */
final class AutoencoderDcJson {
    static final String CLASS_NAME = "AutoencoderDC";
    private static final String RESIDUAL = "ResBlock";
    private static final String ATTENTION = "EfficientViTBlock";
    private static final String RMS_NORM = "rms_norm";
    private static final String CONVOLUTION = "Conv"; // any other word than the two after it, to diffusers
    private static final String UNSHUFFLE = "pixel_unshuffle";
    private static final String SHUFFLE = "pixel_shuffle";
    private static final String INTERPOLATE = "interpolate";
    private static final List<Integer> CHANNELS = List.of(128, 256, 512, 512, 1024, 1024);
    private static final List<List<Integer>> SCALES =
            List.of(List.of(), List.of(), List.of(), List.of(5), List.of(5), List.of(5));
    private static final Set<String> ACTIVATIONS = Set.of(Activation.SILU.key(), Activation.RELU.key());
    private static final Set<String> KEYS = Set.of(
            "in_channels",
            "latent_channels",
            "attention_head_dim",
            "encoder_block_types",
            "decoder_block_types",
            "encoder_block_out_channels",
            "decoder_block_out_channels",
            "encoder_layers_per_block",
            "decoder_layers_per_block",
            "encoder_qkv_multiscales",
            "decoder_qkv_multiscales",
            "upsample_block_type",
            "downsample_block_type",
            "decoder_norm_types",
            "decoder_act_fns",
            "encoder_out_shortcut",
            "decoder_in_shortcut",
            "decoder_conv_act_fn",
            "scaling_factor");

    private AutoencoderDcJson() {}

    /** @throws InvalidCodecConfigException for another class, an unknown key or a value that does not fit */
    static Config read(JsonNode json) {
        Settings settings = Settings.of(json, CLASS_NAME, KEYS);
        if (settings.whole("in_channels", 3) != 3) {
            throw new InvalidCodecConfigException("in_channels", "3 colours", json.get("in_channels"));
        }
        List<Stage> decoder = stages(settings, "decoder", List.of(3, 3, 3, 3, 3, 3));
        settings.words("decoder_norm_types", decoder.size(), RMS_NORM, Set.of(RMS_NORM));
        return new Config(
                stages(settings, "encoder", List.of(2, 2, 2, 3, 3, 3)),
                decoder,
                settings.whole("latent_channels", 32),
                settings.whole("attention_head_dim", 32),
                settings.word("downsample_block_type", UNSHUFFLE, Set.of(CONVOLUTION, "conv", UNSHUFFLE))
                        .equals(UNSHUFFLE),
                settings.word("upsample_block_type", SHUFFLE, Set.of(INTERPOLATE, SHUFFLE))
                        .equals(SHUFFLE),
                settings.flag("encoder_out_shortcut", true),
                settings.flag("decoder_in_shortcut", true),
                Activation.named(settings.word("decoder_conv_act_fn", Activation.RELU.key(), ACTIVATIONS)),
                settings.number("scaling_factor", 1));
    }

    private static List<Stage> stages(Settings settings, String side, List<Integer> layersAbsent) {
        String key = side + "_block_out_channels";
        List<Integer> channels = settings.wholes(key, CHANNELS);
        int count = channels.size();
        List<Integer> layers = settings.wholes(side + "_layers_per_block", layersAbsent);
        if (layers.size() != count) {
            throw new InvalidCodecConfigException(
                    side + "_layers_per_block", "%d numbers, one for each of %s".formatted(count, key), layers);
        }
        List<String> types = settings.words(side + "_block_types", count, RESIDUAL, Set.of(RESIDUAL, ATTENTION));
        List<List<Integer>> scales = settings.wholeLists(side + "_qkv_multiscales", count, SCALES);
        if (scales.size() != count) {
            throw new InvalidCodecConfigException(
                    side + "_qkv_multiscales", "%d lists, one for each of %s".formatted(count, key), "none");
        }
        List<String> activations = side.equals("decoder")
                ? settings.words("decoder_act_fns", count, Activation.SILU.key(), ACTIVATIONS)
                : java.util.Collections.nCopies(count, Activation.SILU.key());
        List<Stage> stages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean attention = types.get(i).equals(ATTENTION);
            stages.add(new Stage(
                    channels.get(i),
                    layers.get(i),
                    attention,
                    attention ? scales.get(i) : List.of(),
                    Activation.named(activations.get(i))));
        }
        return stages;
    }

    /** Every key that diffusers reads. */
    static ObjectNode write(Config config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put(Settings.CLASS, CLASS_NAME);
        json.put("attention_head_dim", config.headWidth());
        put(json, "decoder", config.decoder());
        config.decoder().forEach(stage -> json.withArray("decoder_act_fns").add(stage.activation().key()));
        json.put("decoder_conv_act_fn", config.lastActivation().key());
        json.put("decoder_in_shortcut", config.decoderShortcut());
        json.put("decoder_norm_types", RMS_NORM);
        json.put("downsample_block_type", config.unshuffles() ? UNSHUFFLE : CONVOLUTION);
        put(json, "encoder", config.encoder());
        json.put("encoder_out_shortcut", config.encoderShortcut());
        json.put("in_channels", 3);
        json.put("latent_channels", config.latentChannels());
        json.put("scaling_factor", config.scalingFactor());
        json.put("upsample_block_type", config.shuffles() ? SHUFFLE : INTERPOLATE);
        return json;
    }

    private static void put(ObjectNode json, String side, List<Stage> stages) {
        ArrayNode channels = json.putArray(side + "_block_out_channels");
        ArrayNode types = json.putArray(side + "_block_types");
        ArrayNode layers = json.putArray(side + "_layers_per_block");
        ArrayNode scales = json.putArray(side + "_qkv_multiscales");
        for (Stage stage : stages) {
            channels.add(stage.channels());
            types.add(stage.attention() ? ATTENTION : RESIDUAL);
            layers.add(stage.layers());
            stage.scales().forEach(scales.addArray()::add);
        }
    }
}
