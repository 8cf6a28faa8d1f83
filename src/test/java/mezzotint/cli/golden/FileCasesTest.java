package mezzotint.cli.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
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
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Recorded files and random numbers, and proof that another recording would be noticed. */
class FileCasesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @TempDir
    Path scratch;

    @TestFactory
    Stream<DynamicTest> agreesWithUpstream() {
        // 52 files in two ways, and what is in those that are taken; 110 tensors and 5 exact parts of sequences.
        return Map.of("safetensors_files", 234, "random_cpu", 115).entrySet().stream()
                .map(kind -> DynamicTest.dynamicTest(kind.getKey(), () -> {
                    List<Comparison> comparisons = run(GOLDEN.resolve(kind.getKey()), kind.getKey());
                    assertEquals(kind.getValue(), comparisons.size());
                    assertEquals(
                            List.of(),
                            comparisons.stream().filter(c -> !c.passes()).toList());
                }));
    }

    @TestFactory
    Stream<DynamicTest> noticesAnotherRecording() {
        Map<String, Consumer<ObjectNode>> mutants = new LinkedHashMap<>();
        mutants.put("safetensors_files verdict", json -> ((ObjectNode) json.at("/rows/40/load_bytes"))
                .put("accepted", !json.at("/rows/40/load_bytes/accepted").booleanValue()));
        mutants.put(
                "safetensors_files byte", json -> ((ArrayNode) json.at("/rows/0/load_file/tensors/a/2")).set(0, 1));
        mutants.put("safetensors_files metadata", json -> ((ObjectNode) json.at("/rows/1/metadata")).put("k", "w"));
        mutants.put("random_cpu tolerance", json -> ((ObjectNode) json.at("/tolerance/normals"))
                .put("suggested_max_abs_diff", 1e-9));
        return mutants.entrySet().stream()
                .map(mutant -> DynamicTest.dynamicTest(mutant.getKey(), () -> {
                    String name = mutant.getKey().split(" ")[0];
                    Path folder = copyOf(name);
                    ObjectNode json = (ObjectNode) Json.readObject(folder.resolve("case.json"));
                    mutant.getValue().accept(json);
                    Json.write(folder.resolve("case.json"), json);
                    assertFalse(run(folder, name).stream().allMatch(Comparison::passes), "nothing was noticed");
                }));
    }

    private static List<Comparison> run(Path folder, String name) {
        try (Device device = CpuDevice.open();
                GoldenCase golden = new GoldenCase(folder)) {
            GoldenChecks.of(name).orElseThrow().run(golden, device);
            assertTrue(golden.comparisons().stream().noneMatch(c -> Double.isNaN(c.error())));
            return List.copyOf(golden.comparisons());
        }
    }

    private Path copyOf(String name) throws IOException {
        Path folder = Files.createTempDirectory(scratch, name);
        try (Stream<Path> files = Files.list(GOLDEN.resolve(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        return folder;
    }
}
