package mezzotint.cli.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.cli.golden.GoldenCase.Comparison;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Resizing, vision encoders and perceptual networks against upstream's numbers, and proof that a wrong one is noticed. */
class VisionCasesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    /** How many recorded outputs each case has; encoders are compared again without recording. */
    private static final Map<String, Integer> COMPARISONS = Map.of(
            "image_resize", 50,
            "vision_clip", 3 + 2,
            "vision_dinov2", 6 + 4,
            "vision_dinov2_reg", 6 + 4,
            "vision_dinov3", 6 + 4,
            "vision_inception_fid", 14,
            "vision_lpips_vgg", 4);

    @TempDir
    Path scratch;

    /** Every recorded tensor that is no input has its comparison, and passes. */
    @TestFactory
    Stream<DynamicTest> agreesWithUpstream() {
        return COMPARISONS.keySet().stream()
                .sorted()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    List<Comparison> comparisons = run(GOLDEN.resolve(name), name);
                    assertEquals(List.of(), failed(comparisons));
                    assertEquals(COMPARISONS.get(name), comparisons.size());
                    List<String> compared =
                            comparisons.stream().map(Comparison::name).toList();
                    try (SafeTensors io = SafeTensors.open(GOLDEN.resolve(name).resolve("io.safetensors"))) {
                        List<String> missing = io.names().stream()
                                .filter(tensor -> !(tensor + ".").contains(".in.") && !compared.contains(tensor))
                                .toList();
                        assertEquals(List.of(), missing);
                    }
                }));
    }

    private record Mutant(String name, String file, String one, String other) {}

    /** Weights swapped that shapes do not tell apart. */
    @TestFactory
    Stream<DynamicTest> noticesSwappedWeights() {
        String v2 = "encoder.layer.1.";
        String clip = "vision_model.encoder.layers.1.";
        return Stream.of(
                        new Mutant("vision_dinov2", "encoder/model", v2 + "norm1.weight", v2 + "norm2.weight"),
                        new Mutant(
                                "vision_dinov2_reg",
                                "encoder/model",
                                v2 + "layer_scale1.lambda1",
                                v2 + "layer_scale2.lambda1"),
                        new Mutant(
                                "vision_dinov3",
                                "encoder/model",
                                "layer.1.attention.q_proj.weight",
                                "layer.1.attention.k_proj.weight"),
                        new Mutant(
                                "vision_clip",
                                "encoder/model",
                                clip + "self_attn.v_proj.weight",
                                clip + "self_attn.out_proj.weight"),
                        new Mutant(
                                "vision_clip",
                                "encoder/model",
                                "vision_model.pre_layrnorm.bias",
                                "vision_model.post_layernorm.bias"),
                        new Mutant(
                                "vision_inception_fid",
                                "weights",
                                "Mixed_6e.branch1x1.bn.running_mean",
                                "Mixed_6e.branch_pool.bn.running_mean"),
                        new Mutant("vision_lpips_vgg", "weights", "lin3.model.1.weight", "lin4.model.1.weight"))
                .map(mutant -> DynamicTest.dynamicTest(mutant.toString(), () -> assertNoticed(mutant)));
    }

    private void assertNoticed(Mutant mutant) throws IOException {
        Path folder = copyOf(mutant.name());
        Path file = folder.resolve(mutant.file() + ".safetensors");
        swap(file, mutant.one(), mutant.other());
        List<Comparison> failed = failed(run(folder, mutant.name()));
        assertTrue(failed.stream().anyMatch(c -> c.error() > 100 * c.tolerance()), () -> "only these: " + failed);
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

    private Path copyOf(String name) throws IOException {
        Path target = Files.createTempDirectory(scratch, name).resolve(name);
        try (Stream<Path> files = Files.walk(GOLDEN.resolve(name))) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(GOLDEN.resolve(name).relativize(file)));
            }
        }
        return target;
    }

    private static List<Comparison> failed(List<Comparison> comparisons) {
        return comparisons.stream().filter(c -> !c.passes()).toList();
    }

    private static List<Comparison> run(Path folder, String name) {
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(2));
                GoldenCase golden = new GoldenCase(folder)) {
            GoldenChecks.of(name).orElseThrow().run(golden, device);
            return List.copyOf(golden.comparisons());
        }
    }
}
