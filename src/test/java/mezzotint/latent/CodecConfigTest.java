package mezzotint.latent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import mezzotint.io.Json;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CodecConfigTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    private static ObjectNode golden(String name) {
        return (ObjectNode) Json.readObject(GOLDEN.resolve(name).resolve("vae/config.json"));
    }

    @Test
    void readsWhatDiffusersWrote() {
        AutoencoderKl.Config kl = AutoencoderKlJson.read(golden("vae_kl"));
        assertEquals(
                new AutoencoderKl.Config(
                        List.of(8, 16, 16, 16), 1, 4, 4, 64, new LatentScale(0.3611f, 0.1159f), true, false, false),
                kl);
        AutoencoderDc.Config dc = AutoencoderDcJson.read(golden("vae_dc"));
        assertEquals(4, dc.ratio());
        assertEquals(8, dc.headWidth());
        assertEquals(
                List.of(
                        new AutoencoderDc.Stage(16, 1, false, List.of(), Activation.SILU),
                        new AutoencoderDc.Stage(32, 2, false, List.of(), Activation.SILU),
                        new AutoencoderDc.Stage(32, 1, true, List.of(5), Activation.SILU)),
                dc.decoder());
        assertEquals(0.41407f, dc.scalingFactor());
    }

    /** All but the version and the keys that mean nothing here. */
    @Test
    void writesWhatDiffusersWrote() {
        for (String name : List.of("vae_kl", "vae_dc")) {
            JsonNode json = golden(name);
            ObjectNode again = name.equals("vae_kl")
                    ? AutoencoderKlJson.write(AutoencoderKlJson.read(json))
                    : AutoencoderDcJson.write(AutoencoderDcJson.read(json));
            ((ObjectNode) json).remove("_diffusers_version");
            // one word for all stages, or one for each: diffusers takes both
            if (name.equals("vae_dc")) {
                again.put("decoder_act_fns", "silu");
            }
            assertEquals(
                    json.properties().stream().map(e -> e.getKey()).sorted().toList(),
                    again.properties().stream().map(e -> e.getKey()).sorted().toList());
            json.properties().forEach(e -> assertEquals(
                    e.getValue().toString(), again.get(e.getKey()).toString(), name + " " + e.getKey()));
        }
    }

    /** The classes' constructors in diffusers. */
    @Test
    void absentKeysHaveTheDefaultsOfDiffusers() throws IOException {
        assertEquals(
                new AutoencoderKl.Config(
                        List.of(64), 1, 4, 32, 32, new LatentScale(0.18215f, 0), true, true, true),
                AutoencoderKlJson.read(json("{\"_class_name\": \"AutoencoderKL\"}")));
        AutoencoderDc.Config dc = AutoencoderDcJson.read(json("{\"_class_name\": \"AutoencoderDC\"}"));
        assertEquals(32, dc.ratio());
        assertEquals(32, dc.latentChannels());
        assertTrue(dc.unshuffles() && dc.shuffles() && dc.encoderShortcut() && dc.decoderShortcut());
        assertEquals(1f, dc.scalingFactor());
        assertEquals(List.of(2, 2, 2, 3, 3, 3), dc.encoder().stream().map(AutoencoderDc.Stage::layers).toList());
        assertTrue(dc.decoder().stream().noneMatch(AutoencoderDc.Stage::attention));
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    /** Quotes are apostrophes here. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "vae_kl | _class_name | 'VQModel' | _class_name expected AutoencoderKL, got \"VQModel\"",
                "vae_kl | latent_chanels | 4 | latent_chanels expected no such key; did you mean latent_channels?, got 4",
                "vae_kl | latent_channels | 0 | latent_channels expected at least 1, got 0",
                "vae_kl | latent_channels | 4.5 | latent_channels expected a whole number, got 4.5",
                "vae_kl | latent_channels | 3000000000 | latent_channels expected a whole number, got 3000000000",
                "vae_kl | block_out_channels | [8,16,16,18] | block_out_channels expected 1 to 9 multiples of norm_num_groups 4, got [8, 16, 16, 18]",
                "vae_kl | block_out_channels | 8 | block_out_channels expected a list of whole numbers, got 8",
                "vae_kl | block_out_channels | [8,'a',8,8] | block_out_channels expected whole numbers, got [8,\"a\",8,8]",
                "vae_kl | block_out_channels | [8,16] | down_block_types expected a list of 2 words, got [\"DownEncoderBlock2D\",\"DownEncoderBlock2D\",\"DownEncoderBlock2D\",\"DownEncoderBlock2D\"]",
                "vae_kl | up_block_types | ['UpDecoderBlock2D','AttnUpDecoderBlock2D','UpDecoderBlock2D','UpDecoderBlock2D'] | up_block_types expected one of [UpDecoderBlock2D], got \"AttnUpDecoderBlock2D\"",
                "vae_kl | act_fn | 'gelu' | act_fn expected one of [silu], got \"gelu\"",
                "vae_kl | layers_per_block | -1 | layers_per_block expected at least 1, got -1",
                "vae_kl | norm_num_groups | 0 | norm_num_groups expected at least 1, got 0",
                "vae_kl | in_channels | 4 | in_channels expected 3 colours, got 4",
                "vae_kl | latents_mean | [0,0,0,0] | latents_mean expected null: PRX scales all channels alike, got [0,0,0,0]",
                "vae_kl | scaling_factor | 0 | scaling_factor expected a finite number above 0, got 0.0",
                "vae_kl | scaling_factor | 'a' | scaling_factor expected a number, got \"a\"",
                "vae_kl | use_quant_conv | 1 | use_quant_conv expected true or false, got 1",
                "vae_dc | encoder_layers_per_block | [1,1] | encoder_layers_per_block expected 3 numbers, one for each of encoder_block_out_channels, got [1, 1]",
                "vae_dc | encoder_layers_per_block | [1,0,1] | encoder_layers_per_block expected at least 1 but for the finest resolution, got 0",
                "vae_dc | encoder_block_out_channels | [16,32] | encoder_layers_per_block expected 2 numbers, one for each of encoder_block_out_channels, got [1, 1, 1]",
                "vae_dc | encoder_block_out_channels | [16,32,30] | encoder_block_out_channels expected a multiple of attention_head_dim 8, got 30",
                "vae_dc | encoder_block_out_channels | [16,24,32] | encoder_block_out_channels expected a divisor of 4 times the 16 before it, got 24",
                "vae_dc | latent_channels | 7 | encoder_block_out_channels expected a last one that is a multiple of latent_channels 7, got 32",
                "vae_dc | decoder_qkv_multiscales | [[],[],[4]] | qkv_multiscales expected odd numbers, got [4]",
                "vae_dc | decoder_norm_types | 'batch_norm' | decoder_norm_types expected one of [rms_norm], got \"batch_norm\"",
                "vae_dc | encoder_block_types | 'Resblock' | encoder_block_types expected one of [EfficientViTBlock, ResBlock], got \"Resblock\"",
                "vae_dc | upsample_block_type | 'bilinear' | upsample_block_type expected one of [interpolate, pixel_shuffle], got \"bilinear\"",
                "vae_dc | attention_head_dim | 0 | attention_head_dim expected at least 1, got 0",
                "vae_dc | scaling_factor | -1 | scaling_factor expected a finite number above 0, got -1.0",
            })
    void refusesWhatItCannotBuild(String name, String key, String value, String message) throws IOException {
        ObjectNode json = golden(name);
        json.set(key, json(value.replace('\'', '"')));
        var thrown = assertThrows(
                InvalidCodecConfigException.class,
                () -> {
                    if (name.equals("vae_kl")) {
                        AutoencoderKlJson.read(json);
                    } else {
                        AutoencoderDcJson.read(json);
                    }
                });
        assertEquals(
                "autoencoder configuration: " + message.replace('\'', '"'), thrown.getMessage());
        assertEquals(InvalidCodecConfigException.class, thrown.getClass());
    }

    /** Known for FLUX.1: encoder 34,274,208 and decoder 49,545,475 parameters, in 244 tensors. */
    @Test
    void fluxHasItsPublishedSize() {
        try (Tensors tensors = new Tensors(400L << 20)) {
            Parameters parameters = Parameters.frozen(tensors.arena());
            AutoencoderKl flux = new AutoencoderKl(AutoencoderKl.Config.FLUX, parameters);
            assertEquals(34_274_208L + 49_545_475L, parameters.elements());
            assertEquals(244, parameters.all().size());
            assertEquals(8, flux.ratio());
            assertEquals(Shape.of(2, 16, 64, 96), flux.latentShape(Shape.of(2, 3, 512, 768)));
        }
    }

    @Test
    void smallOnesAreSmall() {
        for (int ratio : new int[] {2, 4, 8}) {
            AutoencoderKl.Config config = AutoencoderKl.Config.small(ratio, 8, 64);
            assertEquals(ratio, config.ratio());
            try (Tensors tensors = new Tensors()) {
                Parameters parameters = Parameters.frozen(tensors.arena());
                new AutoencoderKl(config, parameters);
                assertTrue(parameters.elements() < 1_500_000, () -> "" + parameters.elements());
            }
        }
        var thrown = assertThrows(
                InvalidCodecConfigException.class, () -> AutoencoderKl.Config.small(3, 8, 64));
        assertEquals("autoencoder configuration: ratio expected 2, 4 or 8, got 3", thrown.getMessage());
    }
}
