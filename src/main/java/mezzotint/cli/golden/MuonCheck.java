package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mezzotint.autograd.Parameter;
import mezzotint.kernel.Device;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.training.AdamW;
import mezzotint.training.Muon;
import mezzotint.training.NewtonSchulz;

/**
 * {@code train_muon}: the orthogonalisation with all its iterates, five steps, and the Adam beside it.
 *
 * <p>Ours iterates in float32; the bfloat16 rows are compared within the tolerance recorded for them. What is compared of a
 * step is the update since the start, as the tolerances are.
 */
final class MuonCheck implements GoldenCheck {
    private static final long ARENA_BYTES = 16L << 20;

    @Override
    public void run(GoldenCase golden, Device device) {
        try (TensorArena arena = device.arena(ARENA_BYTES);
                TensorArena scratch = device.arena(ARENA_BYTES)) {
            Muon.Arenas arenas = new Muon.Arenas(arena, scratch);
            for (int j = 0; golden.has("ns." + j + ".float32"); j++) {
                orthogonalization(golden, device, arena, "ns." + j + ".", "in.grad." + j);
            }
            for (JsonNode config : golden.json().path("configs")) {
                steps(golden, device, arenas, config);
            }
            adam(golden, device, arenas);
        }
    }

    private static void orthogonalization(
            GoldenCase golden, Device device, TensorArena arena, String name, String gradient) {
        Tensor first = part(arena, golden, gradient, 0);
        Shape iterates = golden.tensor(name + "float32_iterates").shape();
        float[] recorded = golden.floats(name + "float32_iterates");
        int size = recorded.length / iterates.size(0);
        double tolerance = golden.tolerance(name + "float32", 1e-5);
        for (int k = 0; k < iterates.size(0); k++) {
            Tensor x = NewtonSchulz.orthogonalize(device.kernels(), arena, first, k);
            boolean transposed = first.shape().dim(0) > first.shape().dim(1);
            golden.compare(
                    name + "float32_iterates " + k,
                    transposed ? transposed(x) : x.toFloats(),
                    Arrays.copyOfRange(recorded, k * size, (k + 1) * size),
                    tolerance);
            if (k == iterates.size(0) - 1) {
                golden.compare(name + "float32", x.toFloats(), tolerance);
                golden.compare(
                        name + "bfloat16_upstream",
                        x.toFloats(),
                        golden.tolerance(name + "bfloat16_upstream", Double.NaN));
            }
        }
    }

    private static float[] transposed(Tensor x) {
        int rows = x.shape().size(0);
        int columns = x.shape().size(1);
        float[] values = x.toFloats();
        float[] moved = new float[values.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                moved[j * rows + i] = values[i * columns + j];
            }
        }
        return moved;
    }

    private static void steps(GoldenCase golden, Device device, Muon.Arenas arenas, JsonNode config) {
        List<Parameter> parameters = new ArrayList<>();
        for (int p = 0; golden.has("in.param." + p); p++) {
            Shape shape = golden.tensor("in.param." + p).shape();
            parameters.add(Parameter.trainable(
                    "blocks." + p,
                    arenas.state().allocate(shape, DType.F32).set(golden.floats("in.param." + p)),
                    arenas.state().zeros(shape, DType.F32)));
        }
        Muon optimizer = new Muon(
                device.kernels(),
                arenas,
                parameters,
                new Muon.Constants(
                        1,
                        config.path("momentum").doubleValue(),
                        config.path("nesterov").booleanValue(),
                        config.path("ns_steps").intValue(),
                        config.path("rms_scale").booleanValue(),
                        config.path("weight_decay").doubleValue()),
                AdamW.Constants.PRX);
        int steps = golden.tensor("in.grad.0").shape().size(0);
        for (int step = 0; step < steps; step++) {
            for (int p = 0; p < parameters.size(); p++) {
                parameters.get(p).gradient().orElseThrow().copyFrom(part(arenas.state(), golden, "in.grad." + p, step));
            }
            optimizer.update(config.path("lr").doubleValue(), 1);
            for (int p = 0; p < parameters.size(); p++) {
                compareUpdate(golden, config.path("index").asText(), p, step, parameters.get(p));
            }
        }
    }

    private static void compareUpdate(GoldenCase golden, String config, int p, int step, Parameter parameter) {
        float[] start = golden.floats("in.param." + p);
        float[] now = parameter.value().toFloats();
        for (String type : new String[] {"float32", "bfloat16"}) {
            String name = config + "." + type + ".param." + p;
            float[] recorded = golden.floats(name);
            float[] actual = new float[now.length];
            double[] expected = new double[now.length];
            for (int i = 0; i < now.length; i++) {
                actual[i] = now[i] - start[i];
                expected[i] = (double) recorded[step * now.length + i] - start[i];
            }
            double tolerance = golden.json()
                    .path("tolerance")
                    .path(name)
                    .path("suggested_rel_l2_of_update")
                    .asDouble(Double.NaN);
            golden.compare(name + " step " + (step + 1), actual, expected, tolerance);
        }
    }

    private static void adam(GoldenCase golden, Device device, Muon.Arenas arenas) {
        Shape shape = golden.tensor("adam.in.param").shape();
        Parameter parameter = Parameter.trainable(
                "img_in.weight",
                arenas.state().allocate(shape, DType.F32).set(golden.floats("adam.in.param")),
                arenas.state().zeros(shape, DType.F32));
        Muon optimizer = new Muon(
                device.kernels(),
                arenas,
                List.of(parameter),
                Muon.Constants.PRX,
                new AdamW.Constants(0.9, 0.95, 1e-8, 0));
        float[] recorded = golden.floats("adam.param");
        int size = Math.toIntExact(shape.elements());
        for (int step = 0; step < recorded.length / size; step++) {
            parameter.gradient().orElseThrow().copyFrom(part(arenas.state(), golden, "adam.in.grad", step));
            optimizer.update(1e-2, 1);
            golden.compare(
                    "adam.param step " + (step + 1),
                    parameter.value().toFloats(),
                    Arrays.copyOfRange(recorded, step * size, (step + 1) * size),
                    golden.tolerance("adam.param", 1e-5));
        }
    }

    private static Tensor part(TensorArena arena, GoldenCase golden, String name, int index) {
        long[] dims = golden.tensor(name).shape().dims();
        long[] own = Arrays.copyOfRange(dims, 1, dims.length);
        float[] all = golden.floats(name);
        int size = Math.toIntExact(Shape.of(own).elements());
        return arena.allocate(own).set(Arrays.copyOfRange(all, index * size, (index + 1) * size));
    }
}
