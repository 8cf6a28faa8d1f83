package mezzotint.cli.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import mezzotint.cli.golden.GoldenCase.Comparison;
import mezzotint.io.Json;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.io.WeightsFolder;
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

/** What upstream computed, number by number, and proof that a wrong model would be noticed. */
class GoldenCasesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    /** A case's check and the fewest comparisons it has to make. */
    private record Kind(GoldenCheck check, int comparisons) {}

    private static final Map<String, Kind> KINDS = kinds();

    private static Map<String, Kind> kinds() {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        // Activations, output and input gradients of every run, and all parameters' gradients; twice, for
        // recomputation.
        put(kinds, "transformer_pixel", 110);
        put(kinds, "transformer_latent", 120);
        put(kinds, "transformer_bf16", 84);
        put(kinds, "transformer_d64_sharded", 74);
        put(kinds, "trajectory_velocity", 105);
        put(kinds, "trajectory_x_prediction", 111);
        put(kinds, "train_flow_matching_loss", 12);
        put(kinds, "train_adamw", 39);
        put(kinds, "train_ema", 32);
        put(kinds, "train_grad_clip", 20);
        put(kinds, "train_lr_schedule", 81);
        put(kinds, "sched_native", 41);
        put(kinds, "sched_training_times", 6);
        return kinds;
    }

    /** The check is the one that the command runs. */
    private static void put(Map<String, Kind> kinds, String name, int comparisons) {
        kinds.put(name, new Kind(GoldenChecks.of(name).orElseThrow(), comparisons));
    }

    @TempDir
    Path scratch;

    @TestFactory
    Stream<DynamicTest> agreesWithUpstream() {
        return KINDS.keySet().stream()
                .map(name -> DynamicTest.dynamicTest(
                        name, () -> assertAgrees(name, CpuOptions.best().withThreads(2))));
    }

    @Test
    void agreesWithUpstreamInPlainLoops() {
        assertAgrees("transformer_pixel", new CpuOptions(2, CpuOptions.Choice.PLAIN));
    }

    @Test
    void errorsAreTheSameToTheLastBitOnAnyNumberOfThreads() {
        for (String name : List.of("transformer_pixel", "trajectory_x_prediction")) {
            List<Comparison> one =
                    run(GOLDEN.resolve(name), name, CpuOptions.best().withThreads(1));
            for (int threads = 2; threads <= 3; threads++) {
                assertEquals(
                        one,
                        run(GOLDEN.resolve(name), name, CpuOptions.best().withThreads(threads)),
                        name + " on " + threads + " threads");
            }
        }
    }

    /** The wiring is the CPU's; what these prove is a whole model on the hand-written kernels. */
    @TestFactory
    Stream<DynamicTest> agreesWithUpstreamOnTheCudaKernels() {
        return Devices.cuda()
                .flatMap(open -> Stream.of("transformer_pixel", "train_adamw", "train_flow_matching_loss")
                        .map(name -> DynamicTest.dynamicTest(open.name() + ", " + name, () -> {
                            try (Device device = open.device().get()) {
                                assertAgrees(name, run(GOLDEN.resolve(name), name, device));
                            }
                        })));
    }

    private static void assertAgrees(String name, CpuOptions options) {
        assertAgrees(name, run(GOLDEN.resolve(name), name, options));
    }

    private static void assertAgrees(String name, List<Comparison> comparisons) {
        assertTrue(
                comparisons.size() >= KINDS.get(name).comparisons && !comparisons.isEmpty(),
                () -> "%s: %d comparisons, expected at least %d"
                        .formatted(name, comparisons.size(), KINDS.get(name).comparisons));
        List<Comparison> failed = comparisons.stream().filter(c -> !c.passes()).toList();
        if (!failed.isEmpty()) {
            fail("%s: %d of %d comparisons fail, the worst is %s"
                    .formatted(name, failed.size(), comparisons.size(), worst(failed)));
        }
    }

    private static Comparison worst(List<Comparison> comparisons) {
        return comparisons.stream()
                .max(Comparator.comparingDouble(Comparison::share))
                .orElseThrow(); // NaN is largest
    }

    private static List<Comparison> run(Path folder, String name, CpuOptions options) {
        try (Device device = CpuDevice.open(options)) {
            return run(folder, name, device);
        }
    }

    private static List<Comparison> run(Path folder, String name, Device device) {
        try (GoldenCase golden = new GoldenCase(folder)) {
            KINDS.get(name).check.run(golden, device);
            return List.copyOf(golden.comparisons());
        }
    }

    // Proof that the comparisons can fail: the same recordings against a model or a setting that is a little wrong.

    /** Swaps in the weights that shapes do not tell apart, the bugs that gradients of our own cannot show. */
    @TestFactory
    Stream<DynamicTest> noticesSwappedWeights() {
        String block = "blocks.0.";
        Map<String, Consumer<Weights>> mutants = new LinkedHashMap<>();
        mutants.put("gates of attention and MLP", w -> {
            w.swapSixths(block + "modulation.lin.weight", 2, 5);
            w.swapSixths(block + "modulation.lin.bias", 2, 5);
        });
        mutants.put("shift and scale", w -> {
            w.swapSixths(block + "modulation.lin.weight", 0, 1);
            w.swapSixths(block + "modulation.lin.bias", 0, 1);
        });
        mutants.put(
                "norms of query and key",
                w -> w.swap(block + "attention.norm_q.weight", block + "attention.norm_k.weight"));
        mutants.put(
                "norms of image and text keys",
                w -> w.swap(block + "attention.norm_k.weight", block + "attention.norm_added_k.weight"));
        mutants.put("gate and up", w -> w.swap(block + "gate_proj.weight", block + "up_proj.weight"));
        mutants.put(
                "two blocks' outputs",
                w -> w.swap(block + "attention.to_out.0.weight", "blocks.1.attention.to_out.0.weight"));
        mutants.put(
                "time and resolution",
                w -> w.swap("time_in.out_layer.weight", "resolution_embedder.mlp.out_layer.weight"));
        return mutants.entrySet().stream()
                .map(mutant -> DynamicTest.dynamicTest(mutant.getKey(), () -> assertNoticed(mutant.getValue())));
    }

    private void assertNoticed(Consumer<Weights> mutant) throws IOException {
        Path folder = copyOf("transformer_pixel");
        Weights weights = Weights.read(folder.resolve("transformer"));
        mutant.accept(weights);
        weights.write(folder.resolve("transformer"));
        List<Comparison> failed = run(
                        folder, "transformer_pixel", CpuOptions.best().withThreads(2))
                .stream()
                .filter(c -> !c.passes())
                .toList();
        assertTrue(failed.stream().anyMatch(c -> c.name().equals("out")), () -> "only these failed: " + failed);
        // Not by a hair: a wiring bug changes the first digits.
        assertTrue(failed.stream().anyMatch(c -> c.error() > 100 * c.tolerance()), failed::toString);
    }

    @TestFactory
    Stream<DynamicTest> noticesAnotherSetting() {
        Map<String, Consumer<ObjectNode>> mutants = new LinkedHashMap<>();
        mutants.put("trajectory_velocity", json -> ((ObjectNode) json.get("optimizer")).put("weight_decay", 0.06));
        // None at all: Adam does not see a factor that is the same at every step, so another norm would not do.
        mutants.put("trajectory_x_prediction", json -> json.putNull("grad_clip_l2"));
        mutants.put("train_flow_matching_loss", json -> json.put("noise_scale", 1.01));
        mutants.put("train_adamw", json -> ((ArrayNode) json.at("/configs/1/betas")).set(1, 0.998));
        mutants.put("train_ema", json -> ((ObjectNode) json.at("/schedules/2")).put("ema_start", "4ba"));
        mutants.put("train_grad_clip", json -> ((ObjectNode) json.at("/rows/0")).put("max_norm", 0.201));
        mutants.put("train_lr_schedule", json -> ((ObjectNode) json.at("/rows/0")).put("warmup_batches", 999));
        mutants.put("sched_native", json -> ((ObjectNode) json.at("/rows/7")).put("shift", 2.9));
        mutants.put("sched_training_times", json -> ((ObjectNode) json.at("/rows/1")).put("shift", 2.9));
        return mutants.entrySet().stream()
                .map(mutant -> DynamicTest.dynamicTest(mutant.getKey(), () -> {
                    Path folder = copyOf(mutant.getKey());
                    ObjectNode json = (ObjectNode) Json.readObject(folder.resolve("case.json"));
                    mutant.getValue().accept(json);
                    Json.write(folder.resolve("case.json"), json);
                    List<Comparison> comparisons =
                            run(folder, mutant.getKey(), CpuOptions.best().withThreads(2));
                    assertFalse(comparisons.stream().allMatch(Comparison::passes), "nothing was noticed");
                }));
    }

    @Test
    void nothingThatIsNoNumberPasses() throws IOException {
        try (GoldenCase golden = new GoldenCase(copyOf("train_ema"))) {
            golden.compare("NaN", new float[] {1, Float.NaN}, new double[] {1, 2}, 1);
            golden.compare(
                    "infinite", new float[] {Float.POSITIVE_INFINITY}, new double[] {Double.POSITIVE_INFINITY}, 1);
            golden.compare("too short", new float[] {1}, new double[] {1, 2}, 1);
            golden.compare("nothing at all", new float[] {}, new double[] {1}, 1);
            golden.compare("not zero", new float[] {1e-30f}, new double[] {0}, 1);
            golden.compare("no number", Double.NaN, 1, 1);
            golden.comparisons().forEach(c -> assertFalse(c.passes(), c.name()));
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

    /** A model's weights by name. */
    private record Weights(Map<String, Shape> shapes, Map<String, float[]> values) {
        static Weights read(Path folder) {
            Weights weights = new Weights(new LinkedHashMap<>(), new LinkedHashMap<>());
            try (WeightsFolder stored = WeightsFolder.open(folder)) {
                for (String name : stored.weights().names()) {
                    weights.shapes.put(name, stored.weights().get(name).shape());
                    weights.values.put(name, stored.weights().get(name).toFloats());
                }
            }
            return weights;
        }

        void swap(String a, String b) {
            assertEquals(shapes.get(a), shapes.get(b));
            float[] kept = values.get(a);
            values.put(a, values.get(b));
            values.put(b, kept);
        }

        void swapSixths(String name, int a, int b) {
            float[] all = values.get(name);
            int size = all.length / 6;
            for (int i = 0; i < size; i++) {
                float kept = all[a * size + i];
                all[a * size + i] = all[b * size + i];
                all[b * size + i] = kept;
            }
        }

        void write(Path folder) {
            SafeTensorsWriter writer = new SafeTensorsWriter(Map.of());
            values.forEach((name, value) -> writer.add(name, DType.F32, shapes.get(name), value));
            writer.write(folder.resolve("diffusion_pytorch_model.safetensors"));
        }
    }
}
