package mezzotint.cli.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mezzotint.cli.golden.GoldenCase.Comparison;
import mezzotint.io.Json;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Cleaners, tokenizers and text encoders against what upstream recorded, and proof that mistakes would be noticed. */
class TextCasesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path scratch;

    @TestFactory
    Stream<DynamicTest> agreesWithUpstream() {
        Map<String, Integer> comparisons = new LinkedHashMap<>();
        comparisons.put("prompt_cleaning", 600); // 200 prompts, three ways
        comparisons.put("tokenizer_gemma_style", 411); // 105 texts, three ways, and 48 padded, ids and mask
        comparisons.put("tokenizer_qwen_style", 411);
        comparisons.put("tokenizer_qwen_style_appended_token", 315);
        comparisons.put("text_t5gemma", 18); // four runs
        comparisons.put("text_qwen3vl", 10); // three runs
        return comparisons.entrySet().stream()
                .map(kind -> DynamicTest.dynamicTest(kind.getKey(), () -> {
                    List<Comparison> compared = run(GOLDEN.resolve(kind.getKey()), kind.getKey());
                    assertEquals(kind.getValue(), compared.size());
                    assertEquals(
                            List.of(),
                            compared.stream().filter(c -> !c.passes()).toList());
                }));
    }

    private static List<Comparison> run(Path folder, String name) {
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(2));
                GoldenCase golden = new GoldenCase(folder)) {
            GoldenChecks.of(name).orElseThrow().run(golden, device);
            return List.copyOf(golden.comparisons());
        }
    }

    /** Another setting of the network, which shapes do not tell. */
    @TestFactory
    Stream<DynamicTest> noticesAnotherSettingOfTheNetwork() {
        Map<String, Consumer<ObjectNode>> gemma = new LinkedHashMap<>();
        gemma.put("a window one narrower", config -> config.put("sliding_window", 5));
        gemma.put("the scale of another width", config -> config.put("query_pre_attn_scalar", 8));
        gemma.put(
                "layers the other way round",
                config -> config.putArray("layer_types")
                        .add("full_attention")
                        .add("sliding_attention")
                        .add("full_attention")
                        .add("sliding_attention"));
        gemma.put("scores capped elsewhere", config -> config.put("attn_logit_softcapping", 6.0));
        gemma.put("slower rotation", config -> ((ObjectNode) config.get("rope_parameters")).put("rope_theta", 11000.0));
        Map<String, Consumer<ObjectNode>> qwen = new LinkedHashMap<>();
        qwen.put("another epsilon", config -> config.put("rms_norm_eps", 1e-4));
        qwen.put("slower rotation", config -> ((ObjectNode) config.get("rope_parameters")).put("rope_theta", 4.9e6));
        return Stream.concat(
                gemma.entrySet().stream().map(mutant -> noticed("text_t5gemma", mutant)),
                qwen.entrySet().stream().map(mutant -> noticed("text_qwen3vl", mutant)));
    }

    private DynamicTest noticed(String name, Map.Entry<String, Consumer<ObjectNode>> mutant) {
        return DynamicTest.dynamicTest(name + ", " + mutant.getKey(), () -> {
            Path folder = copyOf(name);
            Path file = folder.resolve("text_encoder/config.json");
            ObjectNode config = (ObjectNode) Json.readObject(file);
            mutant.getValue().accept(config);
            Json.write(file, config);
            assertFails(folder, name);
        });
    }

    @TestFactory
    Stream<DynamicTest> noticesSwappedWeights() {
        String layer = "layers.1.";
        return Stream.of(
                        List.of("text_t5gemma", "mlp.gate_proj.weight", "mlp.up_proj.weight"),
                        List.of("text_t5gemma", "self_attn.k_proj.weight", "self_attn.v_proj.weight"),
                        List.of("text_t5gemma", "pre_self_attn_layernorm.weight", "post_self_attn_layernorm.weight"),
                        List.of("text_qwen3vl", "self_attn.q_norm.weight", "self_attn.k_norm.weight"),
                        List.of("text_qwen3vl", "input_layernorm.weight", "post_attention_layernorm.weight"))
                .map(swap -> DynamicTest.dynamicTest(swap.toString(), () -> {
                    Path folder = copyOf(swap.get(0));
                    swap(folder.resolve("text_encoder/model.safetensors"), layer + swap.get(1), layer + swap.get(2));
                    assertFails(folder, swap.get(0));
                }));
    }

    private static void swap(Path file, String a, String b) {
        SafeTensorsWriter writer = new SafeTensorsWriter();
        try (SafeTensors tensors = SafeTensors.open(file)) {
            for (SafeTensor tensor : tensors.tensors()) {
                String source = tensor.name().equals(a) ? b : tensor.name().equals(b) ? a : tensor.name();
                writer.add(
                        tensor.name(),
                        tensor.dtype(),
                        tensor.shape(),
                        tensors.get(source).toFloats());
            }
            writer.write(file);
        }
    }

    @TestFactory
    Stream<DynamicTest> noticesAnotherWord() {
        return Stream.of("prompt_cleaning", "tokenizer_gemma_style", "tokenizer_qwen_style_appended_token")
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Path folder = copyOf(name);
                    ObjectNode json = (ObjectNode) Json.readObject(folder.resolve("case.json"));
                    ObjectNode row = (ObjectNode) json.path("rows").get(8);
                    row.put("text", row.path("text").asText() + " fox");
                    Json.write(folder.resolve("case.json"), json);
                    assertFails(folder, name);
                }));
    }

    private static void assertFails(Path folder, String name) {
        assertTrue(run(folder, name).stream().anyMatch(c -> !c.passes()), "nothing was noticed");
    }

    private Path copyOf(String name) throws IOException {
        Path from = GOLDEN.resolve(name);
        Path to = Files.createTempDirectory(scratch, name);
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
        return to;
    }
}
