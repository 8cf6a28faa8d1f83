package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class TowerConfigJsonTest {
    private static final Path FILE = Path.of("config.json");

    private static String refusal(TinyTower tiny, Consumer<ObjectNode> change) {
        change.accept(tiny.config);
        return assertThrows(TextFormatException.class, () -> TowerConfigJson.read(FILE, tiny.config))
                .getMessage();
    }

    private record Case(String message, TinyTower tower, Consumer<ObjectNode> change) {}

    @TestFactory
    Stream<DynamicTest> refusesWhatItDoesNotKnow() {
        return Stream.of(
                        new Case(
                                "config.json: model_type: expected one of \"t5gemma\", \"t5_gemma_module\","
                                        + " \"qwen3_vl\", \"qwen3_vl_text\", got \"llama\"",
                                TinyTower.qwen(),
                                c -> c.put("model_type", "llama")),
                        new Case(
                                "config.json: model_type: expected one of \"t5gemma\", \"t5_gemma_module\","
                                        + " \"qwen3_vl\", \"qwen3_vl_text\", got none",
                                TinyTower.qwen(),
                                c -> c.remove("model_type")),
                        new Case(
                                "config.json: encoder: expected an object, got none",
                                TinyTower.t5Gemma(),
                                c -> c.put("model_type", "t5gemma")),
                        new Case(
                                "config.json: hidden_act: expected \"silu\", got \"relu\"",
                                TinyTower.qwen(),
                                c -> c.put("hidden_act", "relu")),
                        new Case(
                                "config.json: hidden_activation: expected \"gelu_pytorch_tanh\", got none",
                                TinyTower.t5Gemma(),
                                c -> c.remove("hidden_activation")),
                        new Case(
                                "config.json: num_hidden_layers: expected an integer of at least 1, got 1.5",
                                TinyTower.qwen(),
                                c -> c.put("num_hidden_layers", 1.5)),
                        new Case(
                                "config.json: num_hidden_layers: expected at most 1000, got 1000000000",
                                TinyTower.qwen(),
                                c -> c.put("num_hidden_layers", 1_000_000_000)),
                        new Case(
                                "config.json: num_key_value_heads: expected a divisor of num_attention_heads 4, got 3",
                                TinyTower.qwen(),
                                c -> c.put("num_key_value_heads", 3)),
                        new Case(
                                "config.json: head_dim: expected an even number, got 3",
                                TinyTower.t5Gemma(),
                                c -> c.put("head_dim", 3)),
                        new Case(
                                "config.json: attention_bias: expected false, got true",
                                TinyTower.qwen(),
                                c -> c.put("attention_bias", true)),
                        new Case(
                                "config.json: mrope_section: expected a sum of 4, got [2,1,2]",
                                TinyTower.qwen(),
                                c -> ((ObjectNode) c.get("rope_parameters"))
                                        .putArray("mrope_section")
                                        .add(2)
                                        .add(1)
                                        .add(2)),
                        new Case(
                                "config.json: rope_type: expected \"default\", got \"yarn\"",
                                TinyTower.qwen(),
                                c -> ((ObjectNode) c.get("rope_parameters")).put("rope_type", "yarn")),
                        new Case(
                                "config.json: rms_norm_eps: expected a number above 0, got -1.0",
                                TinyTower.qwen(),
                                c -> c.put("rms_norm_eps", -1.0)),
                        new Case(
                                "config.json: layer_types: expected 2 entries, got 1 of them",
                                TinyTower.t5Gemma(),
                                c -> c.putArray("layer_types").add("full_attention")),
                        new Case(
                                "config.json: layer_types: expected \"sliding_attention\" or \"full_attention\","
                                        + " got \"linear\"",
                                TinyTower.t5Gemma(),
                                c -> c.putArray("layer_types").add("linear").add("linear")))
                .map(c -> DynamicTest.dynamicTest(
                        c.message(), () -> assertEquals(c.message(), refusal(c.tower(), c.change()))));
    }

    @Test
    void everySecondLayerSlidesWhereNothingIsSaid() {
        TowerConfig config = TowerConfigJson.read(FILE, TinyTower.t5Gemma().config);
        assertEquals(List.of(OptionalInt.of(4096), OptionalInt.empty()), config.windows());
        assertEquals(0.5f, config.scale()); // 1/√4
        assertEquals(10_000, config.theta());
    }
}
