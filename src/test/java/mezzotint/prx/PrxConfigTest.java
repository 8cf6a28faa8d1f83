package mezzotint.prx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.TreeMap;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig.RopeAxes;
import mezzotint.tensor.Shape;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrxConfigTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    private static PrxConfig config(int hidden, int heads, int depth, OptionalInt bottleneck, boolean resolution) {
        int half = hidden / heads / 4 * 2;
        return new PrxConfig(
                3,
                4,
                6,
                hidden,
                3.5,
                heads,
                depth,
                new RopeAxes(half, hidden / heads - half),
                10_000,
                1000,
                10_000,
                bottleneck,
                resolution);
    }

    private static Parameters built(PrxConfig config, Tensors tensors) {
        Parameters parameters = new Parameters(tensors.arena(), new PhiloxRandom(1));
        new PrxDenoiser(config, parameters);
        return parameters;
    }

    /** Counted from the published networks. */
    @ParameterizedTest
    @CsvSource({
        "prx_small, 1170691648",
        "prx_dcae_small, 1170576928",
        "prx_flux2, 1170921088",
        "prx_jit_32_small, 1177215744",
        "prx_base, 6985046080",
        "prx_pixel_7b, 7003535872"
    })
    void presetsHaveThePublishedSize(String name, long parameters) {
        assertEquals(parameters, PrxConfig.PRESETS.get(name).parameterCount());
    }

    /** Tensors in the published networks, in narrow ones of the same depth and make. */
    @ParameterizedTest
    @CsvSource({"prx_small, 188", "prx_dcae_small, 188", "prx_jit_32_small, 190", "prx_base, 276", "prx_pixel_7b, 282"})
    void presetsHaveThePublishedTensors(String name, int count) {
        PrxConfig preset = PrxConfig.PRESETS.get(name);
        PrxConfig narrow = config(
                8,
                2,
                preset.depth(),
                preset.bottleneck().isPresent() ? OptionalInt.of(2) : OptionalInt.empty(),
                preset.resolutionEmbeds());
        try (Tensors tensors = new Tensors()) {
            assertEquals(count, built(narrow, tensors).all().size());
        }
    }

    @Property(tries = 40)
    void countsWhatIsBuilt(@ForAll("configs") PrxConfig config) {
        try (Tensors tensors = new Tensors()) {
            assertEquals(config.parameterCount(), built(config, tensors).elements());
        }
    }

    @Provide
    static Arbitrary<PrxConfig> configs() {
        Arbitrary<OptionalInt> bottleneck =
                Arbitraries.integers().between(0, 9).map(i -> i == 0 ? OptionalInt.empty() : OptionalInt.of(i));
        Arbitrary<int[]> sizes = Combinators.combine(
                        Arbitraries.integers().between(1, 4),
                        Arbitraries.integers().between(1, 5),
                        Arbitraries.integers().between(1, 9),
                        Arbitraries.integers().between(0, 3),
                        Arbitraries.integers().between(1, 3),
                        Arbitraries.integers().between(1, 3))
                .as((c, p, text, depth, heads, axis) -> new int[] {c, p, text, depth, heads, axis});
        return Combinators.combine(
                        sizes,
                        Arbitraries.doubles().between(0.6, 4),
                        Arbitraries.doubles().between(1.5, 20_000),
                        bottleneck,
                        Arbitraries.of(true, false))
                .as((s, ratio, theta, inner, resolution) -> new PrxConfig(
                        s[0],
                        s[1],
                        s[2],
                        s[4] * (2 * s[5] + 2),
                        ratio,
                        s[4],
                        s[3],
                        new RopeAxes(2 * s[5], 2),
                        theta,
                        500.5f,
                        9999.5f,
                        inner,
                        resolution));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "transformer_pixel",
                "transformer_latent",
                "transformer_bf16",
                "transformer_d64_sharded",
                "trajectory_velocity"
            })
    void namesAndShapesAreThoseOfRecordedCheckpoints(String golden) {
        try (WeightsFolder folder = WeightsFolder.open(GOLDEN.resolve(golden).resolve("transformer"));
                Tensors tensors = new Tensors()) {
            TreeMap<String, Shape> recorded = new TreeMap<>();
            folder.weights()
                    .names()
                    .forEach(name ->
                            recorded.put(name, folder.weights().get(name).shape()));
            TreeMap<String, Shape> made = new TreeMap<>();
            built(PrxConfigJson.read(folder.config()), tensors)
                    .all()
                    .forEach(p -> made.put(p.name(), p.value().shape()));
            assertEquals(recorded, made);
        }
    }

    @Test
    void mlpWidthIsCut() {
        assertEquals(31, config(9 * 2, 1, 1, OptionalInt.empty(), false).mlpWidth() / 2); // 18 · 3.5 = 63
        PrxConfig odd =
                new PrxConfig(3, 4, 6, 12, 2.99, 2, 1, new RopeAxes(2, 4), 1e4, 1e3f, 1e4f, OptionalInt.empty(), false);
        assertEquals(35, odd.mlpWidth()); // 35.88
    }

    @Test
    void refusesNumbersThatDoNotFit() {
        assertInvalid("in_channels expected at least 1, got 0", "{\"in_channels\": 0}");
        assertInvalid("patch_size expected at least 1, got -2", "{\"patch_size\": -2}");
        assertInvalid("context_in_dim expected at least 1, got 0", "{\"context_in_dim\": 0}");
        assertInvalid("depth expected at least 0, got -1", "{\"depth\": -1}");
        assertInvalid("hidden_size expected a multiple of num_heads 27, got 1792", "{\"num_heads\": 27}");
        assertInvalid("hidden_size expected a multiple of num_heads 0, got 1792", "{\"num_heads\": 0}");
        assertInvalid("mlp_ratio expected above 0, got 0.0", "{\"mlp_ratio\": 0}");
        assertInvalid(
                "axes_dim expected two even numbers whose sum is the head width 64, got RopeAxes[row=32, column=16]",
                "{\"axes_dim\": [32, 16]}");
        assertInvalid(
                "axes_dim expected two even numbers whose sum is the head width 64, got RopeAxes[row=33, column=31]",
                "{\"axes_dim\": [33, 31]}");
        assertInvalid("theta expected above 0, got 0.0", "{\"theta\": 0}");
        assertInvalid("time_max_period expected above 0, got -1.0", "{\"time_max_period\": -1}");
        assertInvalid("bottleneck_size expected at least 1, got OptionalInt[0]", "{\"bottleneck_size\": 0}");
    }

    @Test
    void refusesJsonThatIsNoConfiguration() {
        assertInvalid("axes_dim expected a list of two whole numbers, got [32]", "{\"axes_dim\": [32]}");
        assertInvalid("depth expected a whole number, got 2.5", "{\"depth\": 2.5}");
        assertInvalid("depth expected a whole number, got \"2\"", "{\"depth\": \"2\"}");
        assertInvalid("mlp_ratio expected a number, got \"3\"", "{\"mlp_ratio\": \"3\"}");
        assertInvalid("resolution_embeds expected true or false, got \"yes\"", "{\"resolution_embeds\": \"yes\"}");
        var e = assertThrows(InvalidPrxConfigException.class, () -> PrxConfigJson.read(json("{\"dept\": 3}")));
        assertEquals(
                "PRX configuration: dept expected one of the known keys [axes_dim, bottleneck_size,"
                    + " conditioning_block_ids, context_in_dim, depth, hidden_size, in_channels, mlp_ratio, num_heads,"
                    + " patch_size, resolution_embeds, resolution_tokens, sprint, theta, time_factor,"
                    + " time_max_period], got 3",
                e.getMessage());
    }

    private static void assertInvalid(String message, String text) {
        var e = assertThrows(InvalidPrxConfigException.class, () -> PrxConfigJson.read(json(text)));
        assertEquals("PRX configuration: " + message, e.getMessage());
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Property(tries = 40)
    void jsonKeepsEverything(@ForAll("configs") PrxConfig config) {
        assertEquals(config, PrxConfigJson.read(json(PrxConfigJson.write(config).toString())));
    }

    @Test
    void absentKeysAreThoseOfPrxSmall() {
        assertEquals(PrxConfig.PRX_SMALL, PrxConfigJson.read(json("{\"_class_name\": \"PRXTransformer2DModel\"}")));
        assertEquals(
                PrxConfig.PRX_SMALL,
                PrxConfigJson.read(
                        json("{\"axes_dim\": null, \"bottleneck_size\": null, \"conditioning_block_ids\": null}")));
    }
}
