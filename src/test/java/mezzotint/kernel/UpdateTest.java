package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mezzotint.io.SafeTensors;
import mezzotint.kernel.reference.ReferenceUpdate;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.GuardedTensor;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class UpdateTest {
    /** One vector and a bit, one piece and a bit. */
    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.of(1, 7, 15, 16, 17, 33, 1000, 16384, 16390, 50021);
    }

    @Property(tries = 8)
    void adamWIsItsDefinition(@ForAll("sizes") int n) {
        adamW(Devices.all(), n, DType.F32);
    }

    @Property(tries = 4)
    void adamWTakesAGradientInBFloat16(@ForAll("sizes") int n) {
        adamW(Devices.withBFloat16(), n, DType.BF16);
    }

    private static void adamW(List<Devices.Setup> setups, int n, DType gradientType) {
        var step = new AdamWStep(1e-2, 0.9, 0.95, 1e-8, 0.1, 0.5, 3);
        float[] secondMoments = Tensors.normals(3, n);
        for (int i = 0; i < n; i++) {
            secondMoments[i] *= secondMoments[i];
        }
        float[][] before = {Tensors.normals(1, n), Tensors.normals(2, n), secondMoments};
        float[] gradient = gradientType == DType.BF16 ? Tensors.normalsBFloat16(4, n) : Tensors.normals(4, n);
        double[][] expected = ReferenceUpdate.adamW(
                Tensors.doubles(before[0]),
                Tensors.doubles(before[1]),
                Tensors.doubles(before[2]),
                Tensors.doubles(gradient),
                step);
        Map<String, float[][]> sameBits = new HashMap<>();
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : setups) {
                GuardedTensor[] state = new GuardedTensor[3];
                for (int i = 0; i < 3; i++) {
                    state[i] = tensors.output(n);
                    state[i].tensor().set(before[i]);
                }
                Tensor gradientTensor =
                        tensors.arena().allocate(Shape.of(n), gradientType).set(gradient);
                setup.kernels()
                        .update()
                        .adamW(state[0].tensor(), state[1].tensor(), state[2].tensor(), gradientTensor, step);
                float[][] after = new float[3][];
                for (int i = 0; i < 3; i++) {
                    after[i] = state[i].values();
                    // about five roundings, and 1 − β in float32
                    RelativeError.assertRelativeError(setup + ", part " + i, after[i], expected[i], 5e-7);
                    state[i].assertGuards(setup.name());
                }
                assertArrayEquals(gradient, gradientTensor.toFloats(), setup.name());
                float[][] first = sameBits.putIfAbsent(setup.bits(), after);
                for (int i = 0; first != null && i < 3; i++) {
                    assertArrayEquals(first[i], after[i], setup.name());
                }
            }
        }
    }

    /**
     * Five steps of PyTorch's AdamW under two configurations, recorded.
     *
     * <p>The recording kept references: the second configuration went on from where the first ended, and {@code in.param} is
     * where the second ended. So the first step of the first has no recorded start and is not compared.
     */
    @Example
    void adamWFollowsPyTorch() throws Exception {
        JsonNode recorded = new ObjectMapper().readTree(golden("case.json").toFile());
        try (var tensors = new Tensors();
                var file = SafeTensors.open(golden("io.safetensors"))) {
            for (Devices.Setup setup : Devices.all()) {
                for (JsonNode config : recorded.path("configs")) {
                    for (int p = 0; p < 3; p++) {
                        followPyTorch(tensors, setup, recorded, config, file, p);
                    }
                }
            }
        }
    }

    private static void followPyTorch(
            Tensors tensors, Devices.Setup setup, JsonNode recorded, JsonNode config, SafeTensors file, int p) {
        int index = config.path("index").asInt();
        float[] gradients = file.get("in.grad." + p).toFloats();
        float[] values = file.get(index + ".param." + p).toFloats();
        int n = gradients.length / 5;
        Tensor value = tensors.arena().allocate(n);
        if (index == 1) {
            value.set(Arrays.copyOfRange(file.get("0.param." + p).toFloats(), 4 * n, 5 * n));
        }
        Tensor firstMoment = tensors.of(new float[n], n);
        Tensor secondMoment = tensors.of(new float[n], n);
        for (int s = 0; s < 5; s++) {
            var step = new AdamWStep(
                    config.path("lr").asDouble(),
                    config.path("betas").path(0).asDouble(),
                    config.path("betas").path(1).asDouble(),
                    config.path("eps").asDouble(),
                    config.path("weight_decay").asDouble(),
                    1,
                    s + 1L);
            Tensor gradient = tensors.of(Arrays.copyOfRange(gradients, s * n, (s + 1) * n), n);
            setup.kernels().update().adamW(value, firstMoment, secondMoment, gradient, step);
            float[] recordedValue = Arrays.copyOfRange(values, s * n, (s + 1) * n);
            if (index == 0 && s == 0) {
                value.set(recordedValue);
            }
            String what = "%s, configuration %d, parameter %d, step %d".formatted(setup, index, p, s + 1);
            // The recording allows 3e-3 to 0.3, measured with the mix-up above; one rounding a step is 6e-8.
            RelativeError.assertRelativeError(what, value.toFloats(), Tensors.doubles(recordedValue), 2e-7);
        }
        assertMoment(recorded, file, index + ".exp_avg." + p, firstMoment);
        assertMoment(recorded, file, index + ".exp_avg_sq." + p, secondMoment);
    }

    private static void assertMoment(JsonNode recorded, SafeTensors file, String name, Tensor moment) {
        double tolerance =
                recorded.path("tolerance").path(name).path("suggested_rel_l2").asDouble();
        RelativeError.assertRelativeError(
                name, moment.toFloats(), Tensors.doubles(file.get(name).toFloats()), tolerance);
    }

    private static Path golden(String name) throws URISyntaxException {
        return Path.of(
                UpdateTest.class.getResource("/golden/train_adamw/" + name).toURI());
    }

    @Example
    void adamWLeavesAParameterWithoutGradientAlone() {
        var step = new AdamWStep(1e-3, 0.9, 0.95, 1e-15, 0, 1, 1);
        float[] start = Tensors.normals(1, 40);
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                Tensor value = tensors.of(start, 40);
                Tensor zeros = tensors.of(new float[40], 40);
                setup.kernels()
                        .update()
                        .adamW(value, tensors.of(new float[40], 40), tensors.of(new float[40], 40), zeros, step);
                assertArrayEquals(start, value.toFloats(), setup.name());
            }
        }
    }

    @Property(tries = 6)
    void movingAverageIsItsDefinition(@ForAll("sizes") int n) {
        float[] average = Tensors.normals(5, n);
        float[] value = Tensors.normals(6, n);
        double smoothing = 0.999;
        double[] expected = ReferenceUpdate.movingAverage(Tensors.doubles(average), Tensors.doubles(value), smoothing);
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                var result = tensors.output(n);
                result.tensor().set(average);
                setup.kernels().update().movingAverage(result.tensor(), tensors.of(value, n), smoothing);
                // three roundings
                RelativeError.assertRelativeError(result.values(), expected, 3e-7);
                result.assertGuards(setup.name());
            }
        }
    }

    @Example
    void movingAverageOfOneStaysAndOfZeroCopies() {
        try (var tensors = new Tensors()) {
            float[] average = Tensors.normals(5, 40);
            Tensor value = tensors.normal(6, 40);
            for (Devices.Setup setup : Devices.all()) {
                Tensor result = tensors.of(average, 40);
                setup.kernels().update().movingAverage(result, value, 1);
                assertArrayEquals(average, result.toFloats(), setup.name());
                setup.kernels().update().movingAverage(result, value, 0);
                assertArrayEquals(value.toFloats(), result.toFloats(), setup.name());
            }
        }
    }

    @Property(tries = 6)
    void sumOfSquaresIsExactAndFillsItsSlot(@ForAll("sizes") int n) {
        sumOfSquares(Devices.all(), n, DType.F32);
    }

    @Property(tries = 4)
    void sumOfSquaresIsExactInBFloat16(@ForAll("sizes") int n) {
        sumOfSquares(Devices.withBFloat16(), n, DType.BF16);
    }

    @Example
    void sumOfSquaresOfNothingIsZero() {
        sumOfSquares(Devices.all(), 0, DType.F32);
    }

    private static void sumOfSquares(List<Devices.Setup> setups, int n, DType dtype) {
        try (var tensors = new Tensors()) {
            Tensor x = tensors.arena().allocate(Shape.of(n), dtype).set(Tensors.normals(7, n));
            double expected = ReferenceUpdate.sumOfSquares(Tensors.doubles(x));
            Map<String, Double> sameBits = new HashMap<>();
            for (Devices.Setup setup : setups) {
                Tensor result = tensors.arena().zeros(Shape.of(3), DType.F64);
                setup.kernels().update().sumOfSquares(result, 1, x);
                double[] values = new double[3];
                MemorySegment host = MemorySegment.ofArray(values);
                result.read(host);
                assertEquals(0, values[0]);
                assertEquals(0, values[2]);
                // float64 sums in another order
                assertEquals(expected, values[1], 1e-13 * expected, setup.name());
                Double first = sameBits.putIfAbsent(setup.bits(), host.getAtIndex(ValueLayout.JAVA_DOUBLE, 1));
                assertEquals(first == null ? values[1] : first, values[1], setup.name());
            }
        }
    }
}
