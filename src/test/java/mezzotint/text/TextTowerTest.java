package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mezzotint.io.FileReadException;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.testing.RelativeError;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class TextTowerTest {
    private static final TestDevice DEVICE = new TestDevice();
    private static final List<int[]> IDS = List.of(new int[] {2, 5, 9, 11, 0, 0}, new int[] {0, 0, 2, 7, 8, 9});
    private static final List<boolean[]> MASKS = List.of(
            new boolean[] {true, true, true, true, false, false}, new boolean[] {false, false, true, true, true, true});

    @TempDir
    Path folder;

    private static float[] run(Path folder, TextTower.Options options) {
        return run(DEVICE, folder, options);
    }

    private static float[] run(Device device, Path folder, TextTower.Options options) {
        try (TextTower tower = TextTower.open(device, folder, options)) {
            return tower.run(IDS, MASKS, (layer, states) -> {});
        }
    }

    private static float[] row(float[] states, int prompt, int token) {
        int at = (prompt * 6 + token) * TinyTower.WIDTH;
        return Arrays.copyOfRange(states, at, at + 6);
    }

    /** Recorded to six decimals. */
    private static void assertRow(float[] states, int prompt, int token, double... expected) {
        RelativeError.assertRelativeError(row(states, prompt, token), expected, 1e-6);
    }

    @Test
    void t5GemmaGivesUpstreamsNumbers() {
        float[] states = run(TinyTower.t5Gemma().write(folder), TextTower.Options.DEFAULT);
        assertRow(states, 0, 0, 1.023672, 0.887595, -1.925508, -1.637051, 0.671499, 0.943427);
        assertRow(states, 0, 3, 1.090390, 0.541436, -2.255498, -1.201778, 1.111146, 0.761455);
        assertRow(states, 1, 5, -0.668583, -0.877104, 2.311335, 1.534731, -1.134208, -0.539408);
    }

    @Test
    void qwenGivesUpstreamsNumbers() {
        float[] states = run(TinyTower.qwen().write(folder), TextTower.Options.DEFAULT);
        assertRow(states, 0, 0, -0.693857, -0.184730, 0.557389, -1.266682, 1.248177, -0.999718);
        assertRow(states, 0, 3, -0.656119, 0.910194, -1.942585, 1.504198, -1.107232, 0.879091);
        assertRow(states, 1, 5, 0.114465, -0.571416, 1.637393, -1.342237, 1.300558, -1.031211);
    }

    @Test
    void aWholeModelsPrefixIsSeenThrough() {
        float[] flat = run(TinyTower.qwen().write(folder.resolve("flat")), TextTower.Options.DEFAULT);
        for (String prefix : new String[] {"model.language_model.", "language_model.", "model."}) {
            TinyTower whole = TinyTower.qwen();
            ObjectNode text = whole.config.deepCopy();
            whole.config.removeAll().put("model_type", "qwen3_vl").set("text_config", text);
            Path at = whole.write(folder.resolve("whole" + prefix), prefix);
            assertArrayEquals(flat, run(at, TextTower.Options.DEFAULT));
        }
    }

    @Test
    void whatLiesBesideTheEncoderInAWholeModelIsLeftAlone() {
        float[] flat = run(TinyTower.t5Gemma().write(folder.resolve("flat")), TextTower.Options.DEFAULT);
        TinyTower whole = TinyTower.t5Gemma();
        ObjectNode section = whole.config.deepCopy();
        whole.config.removeAll().put("model_type", "t5gemma").set("encoder", section);
        TinyTower both = whole;
        for (String name : List.copyOf(both.values.keySet())) {
            both.shapes.put("model.encoder." + name, both.shapes.remove(name));
            both.values.put("model.encoder." + name, both.values.remove(name));
        }
        both.shapes.put("model.decoder.norm.weight", Shape.of(3));
        both.values.put("model.decoder.norm.weight", new float[3]);
        assertArrayEquals(flat, run(both.write(folder.resolve("both")), TextTower.Options.DEFAULT));
    }

    @Test
    void passingLayerByLayerThroughMemoryChangesNoBit() {
        for (TinyTower tiny : List.of(TinyTower.qwen(), TinyTower.t5Gemma())) {
            Path at = tiny.write(folder.resolve(tiny.config.path("model_type").asText()));
            float[] resident = run(at, TextTower.Options.DEFAULT);
            TextTower.Options streamed = new TextTower.Options(0, Optional.empty(), false);
            assertArrayEquals(resident, run(at, streamed));
            try (TextTower tower = TextTower.open(DEVICE, at, streamed);
                    TextTower whole = TextTower.open(DEVICE, at, TextTower.Options.DEFAULT)) {
                assertEquals(whole.weightBytes(), 2 * tower.weightBytes());
                tower.run(IDS, MASKS, (layer, states) -> {});
                tower.release();
                assertArrayEquals(resident, tower.run(IDS, MASKS, (layer, states) -> {}));
            }
        }
    }

    @Test
    void theNumberOfThreadsChangesNoBit() {
        Path at = TinyTower.t5Gemma().write(folder);
        List<float[]> runs = new ArrayList<>();
        for (int threads = 1; threads <= 3; threads++) {
            try (Device device = CpuDevice.open(CpuOptions.best().withThreads(threads))) {
                runs.add(run(device, at, TextTower.Options.DEFAULT));
            }
        }
        assertArrayEquals(runs.get(0), runs.get(1));
        assertArrayEquals(runs.get(0), runs.get(2));
    }

    /** Rounded when they are read or before they were stored: norms stay in float32 in the first case, so these are rounded too. */
    @Test
    void bfloat16IsKeptAsStored() {
        TinyTower tiny = TinyTower.qwen();
        tiny.values.forEach((name, tensor) -> {
            if (name.contains("norm")) {
                Arrays.fill(tensor, 0.75f); // a number of eight bits
            }
        });
        Path wide = tiny.write(folder.resolve("wide"));
        tiny.dtype = DType.BF16;
        Path narrow = tiny.write(folder.resolve("narrow"));
        float[] stored = run(narrow, TextTower.Options.DEFAULT);
        assertArrayEquals(stored, run(wide, new TextTower.Options(0, Optional.of(DType.BF16), false)));
        // bf16 has 8 bits, and each of some 15 sums after each other is of rounded weights
        RelativeError.assertRelativeError(stored, doubles(run(wide, TextTower.Options.DEFAULT)), 0.03);
        try (TextTower half = TextTower.open(DEVICE, narrow, TextTower.Options.DEFAULT);
                TextTower whole = TextTower.open(DEVICE, wide, TextTower.Options.DEFAULT)) {
            assertTrue(half.weightBytes() < 0.7 * whole.weightBytes());
        }
        tiny.dtype = DType.F16;
        Path sixteen = tiny.write(folder.resolve("sixteen"));
        RelativeError.assertRelativeError(
                run(sixteen, TextTower.Options.DEFAULT), doubles(run(wide, TextTower.Options.DEFAULT)), 0.004);
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    @Test
    void aPromptOfNothingButPaddingStaysFinite() {
        for (TinyTower tiny : List.of(TinyTower.qwen(), TinyTower.t5Gemma())) {
            try (TextTower tower = TextTower.open(DEVICE, tiny.write(folder), TextTower.Options.DEFAULT)) {
                float[] states = tower.run(List.of(new int[3]), List.of(new boolean[3]), (layer, x) -> {});
                for (float state : states) {
                    assertTrue(Float.isFinite(state));
                }
            }
        }
    }

    /** A causal model's token does not know what follows; T5Gemma's does. */
    @Test
    void onlyQwenLooksBackAlone() {
        for (TinyTower tiny : List.of(TinyTower.qwen(), TinyTower.t5Gemma())) {
            boolean causal = tiny.config.path("model_type").asText().startsWith("qwen");
            try (TextTower tower = TextTower.open(DEVICE, tiny.write(folder), TextTower.Options.DEFAULT)) {
                boolean[] all = {true, true, true};
                float[] a = tower.run(List.of(new int[] {3, 4, 5}), List.of(all), (layer, x) -> {});
                float[] b = tower.run(List.of(new int[] {3, 4, 6}), List.of(all), (layer, x) -> {});
                assertEquals(causal, Arrays.equals(row(a, 0, 0), row(b, 0, 0)));
            }
        }
    }

    /** With a window of 1 a layer carries a change by one token, so that two layers carry it by two. */
    @Test
    void aWindowReachesAsFarAsItSays() {
        TinyTower tiny = TinyTower.t5Gemma();
        tiny.config.put("sliding_window", 1);
        tiny.config.putArray("layer_types").add("sliding_attention").add("sliding_attention");
        try (TextTower tower = TextTower.open(DEVICE, tiny.write(folder), TextTower.Options.DEFAULT)) {
            boolean[] all = {true, true, true, true};
            float[] a = tower.run(List.of(new int[] {3, 4, 5, 6}), List.of(all), (layer, x) -> {});
            float[] b = tower.run(List.of(new int[] {3, 4, 5, 7}), List.of(all), (layer, x) -> {});
            assertArrayEquals(row(a, 0, 0), row(b, 0, 0));
            assertTrue(!Arrays.equals(row(a, 0, 1), row(b, 0, 1)));
        }
    }

    @Test
    void refusesIdsAndMasksThatDoNotFit() {
        try (TextTower tower = TextTower.open(DEVICE, TinyTower.qwen().write(folder), TextTower.Options.DEFAULT)) {
            var beyond = assertThrows(
                    IllegalArgumentException.class,
                    () -> tower.run(List.of(new int[] {32}), List.of(new boolean[1]), (layer, x) -> {}));
            assertEquals(
                    "qwen3-vl-16: token id 32 is not among its 32; does the tokenizer belong to this encoder?",
                    beyond.getMessage());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> tower.run(List.of(new int[2]), List.of(new boolean[1]), (layer, x) -> {}));
            assertThrows(IllegalArgumentException.class, () -> tower.run(List.of(), List.of(), (layer, x) -> {}));
        }
        var type = assertThrows(
                IllegalArgumentException.class, () -> new TextTower.Options(0, Optional.of(DType.I32), false));
        assertEquals("text encoder: matrices of I32, expected F32 or BF16", type.getMessage());
        assertThrows(
                FileReadException.class,
                () -> TextTower.open(DEVICE, folder.resolve("nowhere"), TextTower.Options.DEFAULT));
    }

    private record Broken(String name, Consumer<TinyTower> change, String message) {}

    @TestFactory
    Stream<DynamicTest> saysWhichTensorIsWrong() {
        return Stream.of(
                        new Broken(
                                "missing",
                                t -> t.values.remove("layers.1.mlp.up_proj.weight"),
                                "model.safetensors: layers.1.mlp.up_proj.weight: expected (24, 16), got no tensor"),
                        new Broken(
                                "misshapen",
                                t -> {
                                    t.shapes.put("layers.0.self_attn.k_proj.weight", Shape.of(32, 8));
                                },
                                "model.safetensors: layers.0.self_attn.k_proj.weight: expected (16, 16), got (32, 8)"),
                        new Broken(
                                "extra",
                                t -> {
                                    t.shapes.put("layers.2.norm", Shape.of(1));
                                    t.values.put("layers.2.norm", new float[1]);
                                },
                                "model.safetensors: layers.2.norm: expected none of that name in a qwen3-vl encoder"
                                        + " of 2 layers, got F32 (1)"),
                        new Broken(
                                "no embeddings",
                                t -> t.values.remove("embed_tokens.weight"),
                                "model.safetensors: embed_tokens.weight: expected a tensor of that name,"
                                        + " perhaps behind a prefix, got none"),
                        new Broken(
                                "another type",
                                t -> t.dtype = DType.F64,
                                "model.safetensors: embed_tokens.weight: expected F32, BF16 or F16, got F64"))
                .map(broken -> DynamicTest.dynamicTest(broken.name(), () -> {
                    TinyTower tiny = TinyTower.qwen();
                    broken.change().accept(tiny);
                    Path at = tiny.write(folder.resolve(broken.name()));
                    var e = assertThrows(
                            TextFormatException.class, () -> TextTower.open(DEVICE, at, TextTower.Options.DEFAULT));
                    assertEquals(at + "/" + broken.message(), e.getMessage().replace('\\', '/'));
                }));
    }
}
