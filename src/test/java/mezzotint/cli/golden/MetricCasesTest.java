package mezzotint.cli.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.cli.golden.GoldenCase.Comparison;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.tensor.DType;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Fréchet distance and maximum mean discrepancy against torchmetrics' and PRX's numbers, and proof that a wrong one is noticed. */
class MetricCasesTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    /** Recorded tensors of a case that are inputs. */
    private static final String INPUT = "\\d+\\.[xy]|uint8_in|float_in";

    private static final Map<String, Integer> COMPARISONS = Map.of(
            "metric_fid", 6 * (4 + 3 + 2) + 2, // moments, recorded distances, the same in another way; colours
            "metric_mmd", 5 * 3 + 1 + 1);

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
                        assertEquals(
                                List.of(),
                                io.names().stream()
                                        .filter(tensor -> !tensor.matches(INPUT) && !compared.contains(tensor))
                                        .toList());
                    }
                }));
    }

    /** One feature of one picture of each set moved by a thousandth of its size and more: every distance of that set is off. */
    @TestFactory
    Stream<DynamicTest> noticesAWrongFeature() {
        return COMPARISONS.keySet().stream()
                .sorted()
                .map(name -> DynamicTest.dynamicTest(name, () -> {
                    Path changed = Files.createDirectory(scratch.resolve(name));
                    Files.copy(GOLDEN.resolve(name).resolve("case.json"), changed.resolve("case.json"));
                    SafeTensorsWriter writer = new SafeTensorsWriter();
                    try (SafeTensors io = SafeTensors.open(GOLDEN.resolve(name).resolve("io.safetensors"))) {
                        for (SafeTensor tensor : io.tensors()) {
                            if (tensor.name().matches("\\d+\\.x")) {
                                float[] values = tensor.toFloats();
                                values[0] += 0.5f;
                                writer.add(tensor.name(), DType.F32, tensor.shape(), values);
                            } else {
                                writer.add(tensor.name(), tensor.dtype(), tensor.shape(), tensor.data());
                            }
                        }
                        writer.write(changed.resolve("io.safetensors"));
                    }
                    List<String> noticed = failed(run(changed, name)).stream()
                            .map(Comparison::name)
                            .toList();
                    for (int row = 0;
                            row < 4;
                            row++) { // in row 4 of metric_mmd all pictures are out of each other's sight
                        int index = row;
                        assertFalse(
                                noticed.stream()
                                        .noneMatch(what ->
                                                what.startsWith(index + ".fid") || what.startsWith(index + ".mmd")),
                                () -> "row " + index + " of " + noticed);
                    }
                }));
    }

    private static List<Comparison> run(Path folder, String name) throws IOException {
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(1));
                GoldenCase golden = new GoldenCase(folder)) {
            GoldenChecks.of(name).orElseThrow().run(golden, device);
            return List.copyOf(golden.comparisons());
        }
    }

    private static List<Comparison> failed(List<Comparison> comparisons) {
        return comparisons.stream().filter(comparison -> !comparison.passes()).toList();
    }
}
