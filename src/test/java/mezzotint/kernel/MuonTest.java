package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mezzotint.io.SafeTensors;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.GuardedTensor;
import mezzotint.testing.KernelCase;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class MuonTest {
    private static final float A = 3.4445f;
    private static final float B = -4.7750f;
    private static final float C = 2.0315f;

    /** One rounding to bf16, half a unit in the last of eight bits, and a little for what is computed in float32 before. */
    private static final double BFLOAT16 = 0x1.02p-8;

    /** One vector and a bit, one piece and a bit. */
    @Provide
    Arbitrary<Integer> sizes() {
        return Arbitraries.of(1, 7, 15, 16, 17, 33, 1000, 16384, 16390, 50021);
    }

    @Property(tries = 8)
    void momentumIsItsDefinition(@ForAll("sizes") int n, @ForAll boolean nesterov) {
        float[] before = Tensors.normals(1, n);
        float[] gradient = Tensors.normals(2, n);
        double[] momentum = new double[n];
        double[] update = new double[n];
        for (int i = 0; i < n; i++) {
            double g = 0.5 * gradient[i];
            momentum[i] = 0.95 * before[i] + 0.05 * g;
            update[i] = nesterov ? 0.05 * g + 0.95 * momentum[i] : momentum[i];
        }
        momentum(Devices.all(), DType.F32, nesterov, before, gradient, momentum, update);
        momentum(Devices.withBFloat16(), DType.BF16, nesterov, before, gradient, momentum, update);
    }

    private static void momentum(
            List<Devices.Setup> setups,
            DType dtype,
            boolean nesterov,
            float[] before,
            float[] gradient,
            double[] momentum,
            double[] update) {
        int n = gradient.length;
        Map<String, float[][]> sameBits = new HashMap<>();
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : setups) {
                GuardedTensor direction = tensors.guarded(Shape.of(n), dtype).fill(Float.NaN);
                GuardedTensor state = tensors.output(n);
                state.tensor().set(before);
                Tensor gradientTensor = tensors.of(gradient, n);
                setup.kernels()
                        .muon()
                        .momentum(direction.tensor(), state.tensor(), gradientTensor, 0.95, nesterov, 0.5);
                // four roundings, and β in float32
                RelativeError.assertRelativeError(setup + ", momentum", state.values(), momentum, 3e-7);
                double tolerance = dtype == DType.F32 ? 3e-7 : BFLOAT16;
                RelativeError.assertRelativeError(setup + ", update", direction.values(), update, tolerance);
                state.assertGuards(setup.name());
                direction.assertGuards(setup.name());
                assertArrayEquals(gradient, gradientTensor.toFloats(), setup.name());
                float[][] after = {state.values(), direction.values()};
                float[][] first = sameBits.putIfAbsent(setup.bits(), after);
                for (int i = 0; first != null && i < 2; i++) {
                    assertArrayEquals(first[i], after[i], setup.name());
                }
            }
        }
    }

    @Property(tries = 6)
    void normalizesByTheNormInItsSlot(@ForAll("sizes") int n) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .activation("x", tensors.normal(3, n))
                    .outputs(Shape.of(n))
                    .forward((k, out, in) -> {
                        Tensor sums = tensors.arena().zeros(Shape.of(3), DType.F64);
                        k.update().sumOfSquares(sums, 2, in[0]);
                        k.muon().normalize(out[0], in[0], sums, 2, 0.25);
                    })
                    .reference(in -> {
                        double norm =
                                Math.sqrt(Arrays.stream(in[0]).map(v -> v * v).sum());
                        return new double[][] {
                            Arrays.stream(in[0]).map(v -> v / (norm + 0.25)).toArray()
                        };
                    })
                    // two roundings
                    .tolerance(2e-7, 0)
                    .alsoInBFloat16(BFLOAT16, 0)
                    .verify();
        }
    }

    @Property(tries = 6)
    void combineIsItsDefinition(@ForAll("sizes") int n) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .activation("x", tensors.normal(4, n))
                    .activation("z", tensors.normal(5, n))
                    .outputs(Shape.of(n))
                    .forward((k, out, in) -> k.muon().combine(out[0], in[0], in[1], A, B))
                    .reference(in -> {
                        double[] y = new double[n];
                        Arrays.setAll(y, i -> A * in[0][i] + B * in[1][i]);
                        return new double[][] {y};
                    })
                    // three roundings, a x and b z may cancel
                    .tolerance(1e-6, 0)
                    .alsoInBFloat16(BFLOAT16, 0)
                    .verify();
        }
    }

    @Property(tries = 6)
    void combinesAndNormalizesInPlace(@ForAll("sizes") int n) {
        try (var tensors = new Tensors()) {
            float[] x = Tensors.normals(6, n);
            float[] z = Tensors.normals(7, n);
            Tensor sums = tensors.arena().zeros(Shape.of(1), DType.F64);
            for (Devices.Setup setup : Devices.all()) {
                Kernels.Muon muon = setup.kernels().muon();
                Tensor y = tensors.output(n).tensor();
                muon.combine(y, tensors.of(x, n), tensors.of(z, n), A, B);
                Tensor overX = tensors.of(x, n);
                muon.combine(overX, overX, tensors.of(z, n), A, B);
                assertArrayEquals(y.toFloats(), overX.toFloats(), setup.name());
                Tensor overZ = tensors.of(z, n);
                muon.combine(overZ, tensors.of(x, n), overZ, A, B);
                assertArrayEquals(y.toFloats(), overZ.toFloats(), setup.name());
                setup.kernels().update().sumOfSquares(sums, 0, overX);
                muon.normalize(y, overX, sums, 0, 1e-7);
                muon.normalize(overX, overX, sums, 0, 1e-7);
                assertArrayEquals(y.toFloats(), overX.toFloats(), setup.name());
            }
        }
    }

    @Property(tries = 6)
    void stepDecaysAndMoves(@ForAll("sizes") int n) {
        float[] before = Tensors.normals(8, n);
        float[] direction = Tensors.normals(9, n);
        double[] expected = new double[n];
        for (int i = 0; i < n; i++) {
            expected[i] = before[i] * (1 - 0.02 * 0.1) - 0.02 * 1.6 * direction[i];
        }
        Map<String, float[]> sameBits = new HashMap<>();
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                GuardedTensor value = tensors.output(n);
                value.tensor().set(before);
                Tensor directionTensor = tensors.of(direction, n);
                setup.kernels().muon().step(value.tensor(), directionTensor, 0.02, 1.6, 0.1);
                // four roundings
                RelativeError.assertRelativeError(setup.name(), value.values(), expected, 2e-7);
                value.assertGuards(setup.name());
                assertArrayEquals(direction, directionTensor.toFloats(), setup.name());
                float[] first = sameBits.putIfAbsent(setup.bits(), value.values());
                assertArrayEquals(first == null ? value.values() : first, value.values(), setup.name());
            }
        }
    }

    @Property(tries = 4)
    void stepTakesADirectionInBFloat16(@ForAll("sizes") int n) {
        float[] before = Tensors.normals(8, n);
        float[] direction = Tensors.normalsBFloat16(9, n);
        double[] expected = new double[n];
        for (int i = 0; i < n; i++) {
            expected[i] = before[i] * (1 - 0.02 * 0.1) - 0.02 * 1.6 * direction[i];
        }
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.withBFloat16()) {
                GuardedTensor value = tensors.output(n);
                value.tensor().set(before);
                setup.kernels().muon().step(value.tensor(), tensors.normalBFloat16(9, n), 0.02, 1.6, 0.1);
                // four roundings, none of them to bf16
                RelativeError.assertRelativeError(setup.name(), value.values(), expected, 2e-7);
                value.assertGuards(setup.name());
            }
        }
    }

    @Example
    void fiveStepsOfNewtonAndSchulzGiveTheRecordedMatrix() {
        float[] gradient = {1, 2, 3, 4, 5, 6.5f};
        double[] recorded = {-0.791625, 0.110164, 0.729718, 0.633150, 0.368084, 0.252721};
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                Tensor momentum = tensors.of(new float[6], 2, 3);
                Tensor x = tensors.arena().allocate(2, 3);
                setup.kernels().muon().momentum(x, momentum, tensors.of(gradient, 2, 3), 0.95, true, 1);
                // recorded with six digits
                RelativeError.assertRelativeError(
                        setup.name(),
                        orthogonalized(tensors, setup.kernels(), x).toFloats(),
                        recorded,
                        2e-6);
            }
        }
    }

    /** Five optimizer steps; {@code case.json} says what is upstream's and what our own. */
    @Example
    void fiveStepsFollowTheRecording() throws Exception {
        JsonNode recorded = new ObjectMapper().readTree(golden("case.json").toFile());
        try (var tensors = new Tensors();
                var file = SafeTensors.open(golden("io.safetensors"))) {
            for (Devices.Setup setup : Devices.all()) {
                for (JsonNode config : recorded.path("configs")) {
                    for (int p = 0; p < 3; p++) {
                        follow(tensors, setup, recorded, config, file, p);
                    }
                }
            }
        }
    }

    private static void follow(
            Tensors tensors, Devices.Setup setup, JsonNode recorded, JsonNode config, SafeTensors file, int p) {
        Tensor value =
                tensors.arena().allocate(file.get("in.param." + p).shape().dims());
        value.set(file.get("in.param." + p).toFloats());
        int rows = value.shape().size(0);
        int columns = value.shape().size(1);
        int n = rows * columns;
        String name = config.path("index").asInt() + ".float32.param." + p;
        float[] gradients = file.get("in.grad." + p).toFloats();
        double[] expected = Tensors.doubles(file.get(name).toFloats());
        double[] start = Tensors.doubles(value);
        double scale = config.path("rms_scale").asBoolean()
                ? 0.2 * Math.sqrt(Math.max(rows, columns))
                : Math.sqrt(Math.max(1, (double) rows / columns));
        Tensor momentum = tensors.of(new float[n], rows, columns);
        Tensor x = tensors.arena().allocate(rows, columns);
        for (int s = 0; s < 5; s++) {
            Tensor gradient = tensors.of(Arrays.copyOfRange(gradients, s * n, (s + 1) * n), rows, columns);
            Kernels.Muon muon = setup.kernels().muon();
            muon.momentum(
                    x,
                    momentum,
                    gradient,
                    config.path("momentum").asDouble(),
                    config.path("nesterov").asBoolean(),
                    1);
            muon.step(
                    value,
                    orthogonalized(tensors, setup.kernels(), x),
                    config.path("lr").asDouble(),
                    scale,
                    config.path("weight_decay").asDouble());
            float[] moved = value.toFloats();
            double[] wanted = Arrays.copyOfRange(expected, s * n, (s + 1) * n);
            for (int i = 0; i < n; i++) {
                moved[i] -= (float) start[i];
                wanted[i] -= start[i];
            }
            double tolerance = recorded.path("tolerance")
                    .path(name)
                    .path("suggested_rel_l2_of_update")
                    .asDouble();
            RelativeError.assertRelativeError(
                    "%s, %s, step %d".formatted(setup, name, s + 1), moved, wanted, tolerance);
        }
    }

    /** Newton and Schulz's iteration on x, whose contents are lost. */
    private static Tensor orthogonalized(Tensors tensors, Kernels k, Tensor x) {
        int rows = x.shape().size(0);
        int columns = x.shape().size(1);
        boolean tall = rows > columns;
        int side = Math.min(rows, columns);
        Tensor sum = tensors.arena().zeros(Shape.of(1), DType.F64);
        k.update().sumOfSquares(sum, 0, x);
        k.muon().normalize(x, x, sum, 0, 1e-7);
        Tensor a = tensors.arena().allocate(side, side);
        Tensor b = tensors.arena().allocate(side, side);
        Tensor product = tensors.arena().allocate(rows, columns);
        for (int step = 0; step < 5; step++) {
            k.matmul().multiply(a, x, x, null, tall, !tall, false);
            k.matmul().multiply(b, a, a, null, false, false, false);
            k.muon().combine(b, a, b, B, C);
            k.matmul().multiply(product, tall ? x : b, tall ? b : x, null, false, false, false);
            k.muon().combine(x, x, product, A, 1);
        }
        return x;
    }

    private static Path golden(String name) throws Exception {
        return Path.of(MuonTest.class.getResource("/golden/train_muon/" + name).toURI());
    }
}
