package mezzotint.cli.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.testing.Devices;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Training techniques against upstream's numbers, and proof that a wrong one is noticed. */
class TechniqueCasesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    /** How many comparisons each case makes; the denoiser's are made twice, for recomputation. */
    private static final Map<String, Integer> COMPARISONS = Map.ofEntries(
            Map.entry("train_combined", 71),
            Map.entry("train_contrastive", 3),
            Map.entry("train_irepa_attention", 26),
            Map.entry("train_irepa_conv", 5),
            Map.entry("train_muon", 89),
            Map.entry("train_pixel_losses", 16),
            Map.entry("train_repa", 16),
            Map.entry("train_resolution_token", 136),
            Map.entry("train_sprint", 130),
            Map.entry("train_tread", 127),
            Map.entry("train_tread_indices", 44));

    @TempDir
    Path scratch;

    /** Every recorded tensor that is no input has its comparison, and passes. */
    @TestFactory
    Stream<DynamicTest> agreesWithUpstream() {
        return COMPARISONS.keySet().stream()
                .sorted()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    List<Comparison> comparisons = run(GOLDEN.resolve(name), name, 2);
                    assertEquals(List.of(), failed(comparisons));
                    assertEquals(COMPARISONS.get(name), comparisons.size());
                    try (SafeTensors io = SafeTensors.open(GOLDEN.resolve(name).resolve("io.safetensors"))) {
                        List<String> missing = io.names().stream()
                                .filter(tensor -> !(tensor + ".").contains("in.") && !isCompared(tensor, comparisons))
                                .toList();
                        assertEquals(List.of(), missing);
                    }
                }));
    }

    /** A tensor with a row per step is compared row by row. */
    private static boolean isCompared(String tensor, List<Comparison> comparisons) {
        return comparisons.stream()
                .anyMatch(c -> c.name().equals(tensor) || c.name().startsWith(tensor + " "));
    }

    @Test
    void errorsAreTheSameToTheLastBitOnAnyNumberOfThreads() {
        Path folder = GOLDEN.resolve("train_combined");
        assertEquals(run(folder, "train_combined", 1), run(folder, "train_combined", 3));
    }

    /** What proves the wiring is the CPU; these show that the hand-written kernels know the shapes. */
    @TestFactory
    Stream<DynamicTest> agreesWithUpstreamOnTheCudaKernels() {
        return Devices.cuda()
                .flatMap(open -> Stream.of("train_contrastive", "train_repa", "train_irepa_attention")
                        .map(name -> DynamicTest.dynamicTest(open.name() + ", " + name, () -> {
                            try (Device device = open.device().get()) {
                                assertEquals(List.of(), failed(run(GOLDEN.resolve(name), name, device)));
                            }
                        })));
    }

    @TestFactory
    Stream<DynamicTest> noticesAnotherSetting() {
        Map<String, Consumer<ObjectNode>> mutants = new LinkedHashMap<>();
        mutants.put("train_contrastive", json -> json.put("lambda", 0.0501));
        mutants.put("train_repa", json -> json.put("lambda", 0.501));
        mutants.put(
                "train_irepa_attention",
                json -> ((ArrayNode) json.get("token_grid")).removeAll().add(6).add(4));
        mutants.put(
                "train_irepa_conv",
                json -> ((ArrayNode) json.get("token_grid")).removeAll().add(6).add(4));
        mutants.put("train_muon", json -> ((ObjectNode) json.at("/configs/0")).put("nesterov", false));
        mutants.put("train_pixel_losses", json -> ((ObjectNode) json.get("lpips")).put("resize_factor", 0.75));
        mutants.put("train_sprint", json -> json.put("route_end", 3));
        mutants.put("train_tread", json -> json.put("route_start", 0));
        mutants.put("train_tread_indices", json -> ((ObjectNode) json.at("/rows/4")).put("base_seed", 43));
        mutants.put("train_combined", json -> ((ObjectNode) json.get("tread")).put("batch_index", 4));
        return mutants.entrySet().stream()
                .map(mutant -> DynamicTest.dynamicTest(mutant.getKey(), () -> {
                    Path folder = copyOf(mutant.getKey());
                    ObjectNode json = (ObjectNode) Json.readObject(folder.resolve("case.json"));
                    mutant.getValue().accept(json);
                    Json.write(folder.resolve("case.json"), json);
                    List<Comparison> comparisons = run(folder, mutant.getKey(), 2);
                    assertTrue(!failed(comparisons).isEmpty(), "nothing was noticed");
                }));
    }

    private record Mutant(String name, String file, String one, String other) {}

    /** Weights swapped that shapes do not tell apart. */
    @TestFactory
    Stream<DynamicTest> noticesSwappedWeights() {
        String extra = "transformer/extra";
        return Stream.of(
                        new Mutant("train_irepa_attention", "projector", "q_proj.weight", "k_proj.weight"),
                        new Mutant("train_irepa_attention", "projector", "v_proj.weight", "out_proj.weight"),
                        new Mutant("train_repa", "projector", "hidden_layer.weight", "out_layer.weight"),
                        new Mutant(
                                "train_resolution_token",
                                extra,
                                "resolution_embedder.h_embedder.in_layer.weight",
                                "resolution_embedder.w_embedder.in_layer.weight"),
                        new Mutant("train_pixel_losses", "lpips_weights", "lin3.model.1.weight", "lin4.model.1.weight"))
                .map(mutant -> DynamicTest.dynamicTest(mutant.toString(), () -> {
                    Path folder = copyOf(mutant.name());
                    swap(folder.resolve(mutant.file() + ".safetensors"), mutant.one(), mutant.other());
                    List<Comparison> failed = failed(run(folder, mutant.name(), 2));
                    // Not by a hair: a wiring bug changes the first digits.
                    assertTrue(failed.stream().anyMatch(c -> c.error() > 100 * c.tolerance()), failed::toString);
                }));
    }

    private static void swap(Path file, String one, String other) throws IOException {
        record Values(Shape shape, float[] values) {}
        Map<String, Values> tensors = new LinkedHashMap<>();
        try (SafeTensors stored = SafeTensors.open(file)) {
            for (String name : stored.names()) {
                String from = name.equals(one) ? other : name.equals(other) ? one : name;
                tensors.put(
                        name,
                        new Values(stored.get(from).shape(), stored.get(from).toFloats()));
            }
        }
        assertEquals(tensors.get(one).shape(), tensors.get(other).shape());
        SafeTensorsWriter writer = new SafeTensorsWriter();
        tensors.forEach((name, tensor) -> writer.add(name, DType.F32, tensor.shape(), tensor.values()));
        Files.delete(file);
        writer.write(file);
    }

    private static List<Comparison> failed(List<Comparison> comparisons) {
        return comparisons.stream().filter(c -> !c.passes()).toList();
    }

    private static List<Comparison> run(Path folder, String name, int threads) {
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(threads))) {
            return run(folder, name, device);
        }
    }

    private static List<Comparison> run(Path folder, String name, Device device) {
        try (GoldenCase golden = new GoldenCase(folder)) {
            GoldenChecks.of(name).orElseThrow().run(golden, device);
            return List.copyOf(golden.comparisons());
        }
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
