package mezzotint.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsFolderTest {
    private static final String INDEX = "diffusion_pytorch_model.safetensors.index.json";

    @TempDir
    Path folder;

    @BeforeEach
    void writeConfig() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"depth\": 2}");
    }

    private void shard(String file, String... names) {
        var writer = new SafeTensorsWriter();
        for (String name : names) {
            writer.add(name, DType.F32, Shape.of(1), new float[] {name.charAt(0)});
        }
        writer.write(folder.resolve(file));
    }

    private void index(String weightMap) {
        String json = "{\"metadata\":{\"total_size\":8},\"weight_map\":" + weightMap + "}";
        AtomicFiles.writeString(folder.resolve(INDEX), json);
    }

    private <E extends RuntimeException> String message(Class<E> type) {
        return assertThrows(type, () -> WeightsFolder.open(folder)).getMessage();
    }

    @Test
    void readsTheShardedGolden() throws Exception {
        Path golden = Path.of(getClass()
                .getResource("/golden/transformer_d64_sharded/transformer")
                .toURI());
        try (WeightsFolder opened = WeightsFolder.open(golden)) {
            assertEquals(128, opened.config().path("hidden_size").asInt());
            long bytes = opened.weights().tensors().stream()
                    .mapToLong(tensor -> tensor.data().byteSize())
                    .sum();
            assertEquals("" + bytes, opened.weights().metadata().get("total_size"));
            // img_qkv_proj is (3D, D) with D = 128
            assertEquals(
                    Shape.of(384, 128),
                    opened.weights()
                            .get("blocks.0.attention.img_qkv_proj.weight")
                            .shape());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"diffusion_pytorch_model.safetensors", "model.safetensors"})
    void readsASingleFileWhateverElseLiesBeside(String file) throws IOException {
        shard(file, "a", "b");
        shard("extra.safetensors", "c");
        Files.writeString(folder.resolve("diffusion_pytorch_model.bin"), "pickle");
        try (WeightsFolder opened = WeightsFolder.open(folder)) {
            assertEquals(List.of("a", "b"), opened.weights().names());
            assertEquals(2, opened.config().path("depth").asInt());
        }
    }

    @Test
    void readsShardsInTheOrderOfTheIndex() {
        shard("1.safetensors", "a", "c");
        shard("2.safetensors", "b");
        index("{\"c\":\"1.safetensors\",\"b\":\"2.safetensors\",\"a\":\"1.safetensors\"}");
        try (WeightsFolder opened = WeightsFolder.open(folder)) {
            assertEquals(List.of("c", "b", "a"), opened.weights().names());
            assertArrayEquals(new float[] {'b'}, opened.weights().get("b").toFloats());
        }
    }

    @Test
    void namesAMissingShard() {
        shard("1.safetensors", "a");
        index("{\"a\":\"1.safetensors\",\"b\":\"2.safetensors\"}");
        String message = message(FileReadException.class);
        assertTrue(message.contains("2.safetensors: there is no such file, but " + INDEX + " names it"), message);
    }

    @Test
    void namesATensorThatItsShardLacks() {
        shard("1.safetensors", "a");
        shard("2.safetensors", "b");
        index("{\"a\":\"1.safetensors\",\"b\":\"2.safetensors\",\"c\":\"2.safetensors\"}");
        assertTrue(message(InconsistentShardsException.class)
                .contains("tensor \"c\" should lie in 2.safetensors, but lies in none"));
        index("{\"a\":\"2.safetensors\",\"b\":\"1.safetensors\"}");
        assertTrue(message(InconsistentShardsException.class)
                .contains("tensor \"a\" should lie in 2.safetensors, but lies in 1.safetensors"));
    }

    @Test
    void namesATensorInTwoShardsOrOutsideTheIndex() {
        shard("1.safetensors", "a");
        shard("2.safetensors", "a", "b");
        index("{\"a\":\"1.safetensors\",\"b\":\"2.safetensors\"}");
        assertTrue(message(InconsistentShardsException.class)
                .contains("tensor \"a\" lies in both 1.safetensors and 2.safetensors"));
        shard("2.safetensors", "b", "d");
        assertTrue(message(InconsistentShardsException.class)
                .contains("tensor \"d\" of 2.safetensors is not in the index"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":\"../x.safetensors\"}",
                "{\"a\":\"/etc/x.safetensors\"}",
                "{\"a\":\"x.bin\"}",
                "{\"a\":1}",
                "[]",
                "{\"a\":\"x.safetensors\",\"a\":\"x.safetensors\"}",
                "{\"a\":\"x\\u0000.safetensors\"}"
            })
    void refusesAnIndexThatNamesNoFileBesideIt(String weightMap) {
        index(weightMap);
        assertTrue(message(MalformedJsonException.class).startsWith(folder.resolve(INDEX) + ": "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"diffusion_pytorch_model.bin", "model.pt", "weights.ckpt"})
    void refusesPickles(String file) throws IOException {
        Files.writeString(folder.resolve(file), "pickle");
        assertEquals(
                folder.resolve(file) + " is a Python pickle, and loading one runs whatever program it holds: convert it"
                        + " to safetensors with the tool that wrote it",
                message(PickledWeightsException.class));
    }

    @Test
    void refusesTwoSetsOfWeights() {
        shard("diffusion_pytorch_model.safetensors", "a");
        index("{\"a\":\"diffusion_pytorch_model.safetensors\"}");
        assertTrue(message(InconsistentShardsException.class).contains("expected one set of weights"));
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        assertTrue(message(FileReadException.class).contains("nor an index of several"));
        Files.writeString(folder.resolve("config.json"), "{\"depth\": 2,}");
        assertTrue(message(MalformedJsonException.class).contains("config.json: line 1, column "));
        for (String notJson : new String[] {"{} {}", "{\"a\":1,\"a\":2}", "{\"a\":NaN}", "[".repeat(5000)}) {
            Files.writeString(folder.resolve("config.json"), notJson);
            assertTrue(message(MalformedJsonException.class).startsWith(folder.resolve("config.json") + ": "));
        }
        Files.writeString(folder.resolve("config.json"), "[]");
        assertTrue(message(MalformedJsonException.class).contains("expected an object, got ARRAY"));
        Files.writeString(folder.resolve("config.json"), "");
        assertTrue(message(MalformedJsonException.class).contains("it is empty"));
        Files.delete(folder.resolve("config.json"));
        assertTrue(message(FileReadException.class).contains("config.json: there is no such file"));
        assertThrows(FileReadException.class, () -> WeightsFolder.open(folder.resolve("none")));
    }

    @Test
    void writesJsonThatReadsBack() {
        Path file = folder.resolve("x.json");
        Json.write(file, List.of(1, "ü"));
        assertEquals("ü", Json.read(file).get(1).asText());
    }
}
