package mezzotint.autograd;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;

/**
 * A function of float32 inputs and parameters on a tape, with the gradients of Σ out·g for a fixed random g.
 *
 * <p>Slopes are those of the same float32 function: the kernels have their own proofs, here it is which gradient goes where.
 */
final class TapeBench implements AutoCloseable {
    /** What is differentiated. */
    @FunctionalInterface
    interface Body {
        Tensor of(Tape tape, Tensor[] in, Parameter[] parameters);
    }

    private static final long BYTES = 8 << 20;
    private static final double STEP = 0.02;

    final TestDevice device = new TestDevice();
    final TensorArena activations = device.arena(BYTES);
    final TensorArena gradients = device.arena(BYTES);
    private final TensorArena weights = device.arena(BYTES);
    private final Body body;
    private final List<float[]> inputs = new ArrayList<>();
    private final List<Shape> inputShapes = new ArrayList<>();
    private final List<Parameter> parameters = new ArrayList<>();

    TapeBench(Body body) {
        this.body = body;
    }

    TapeBench input(long... dims) {
        Shape shape = Shape.of(dims);
        inputs.add(Tensors.normals(100 + inputs.size(), Math.toIntExact(shape.elements())));
        inputShapes.add(shape);
        return this;
    }

    TapeBench parameter(long... dims) {
        Shape shape = Shape.of(dims);
        Tensor value =
                weights.allocate(dims).set(Tensors.normals(200 + parameters.size(), Math.toIntExact(shape.elements())));
        parameters.add(
                Parameter.trainable("p" + parameters.size(), value, weights.zeros(shape, mezzotint.tensor.DType.F32)));
        return this;
    }

    int inputs() {
        return inputs.size();
    }

    /** Gradients of all inputs that are watched, null for the others, then those of all parameters. */
    float[][] gradients(boolean... watched) {
        float[][] all = new float[inputs.size() + parameters.size()][];
        parameters.forEach(p -> p.gradient().orElseThrow().zero());
        try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
            Tensor[] in = tensors(tape, inputs);
            for (int i = 0; i < in.length; i++) {
                if (watched[i]) {
                    tape.watch(in[i]);
                }
            }
            Tensor out = body.of(tape, in, parameters.toArray(Parameter[]::new));
            tape.backward(out, tape.constant(weightsOf(out), out.shape().dims()));
            for (int i = 0; i < in.length; i++) {
                all[i] = watched[i] ? tape.gradient(in[i]).toFloats() : null;
            }
        }
        for (int p = 0; p < parameters.size(); p++) {
            all[inputs.size() + p] = parameters.get(p).gradient().orElseThrow().toFloats();
        }
        return all;
    }

    float[][] allGradients() {
        boolean[] watched = new boolean[inputs.size()];
        Arrays.fill(watched, true);
        return gradients(watched);
    }

    private Tensor[] tensors(Tape tape, List<float[]> values) {
        Tensor[] in = new Tensor[values.size()];
        for (int i = 0; i < in.length; i++) {
            in[i] = tape.constant(values.get(i), inputShapes.get(i).dims());
        }
        return in;
    }

    private static float[] weightsOf(Tensor out) {
        return Tensors.normals(300, Math.toIntExact(out.shape().elements()));
    }

    /** Σ out·g, summed in float64. */
    private double value() {
        try (Tape tape = Tape.inference(device.kernels(), activations)) {
            Tensor out = body.of(tape, tensors(tape, inputs), parameters.toArray(Parameter[]::new));
            float[] values = out.toFloats();
            float[] g = weightsOf(out);
            double sum = 0;
            for (int i = 0; i < values.length; i++) {
                sum += (double) values[i] * g[i];
            }
            return sum;
        }
    }

    /** Slope along {@code direction} of input or parameter {@code which}: five points, error h⁴. */
    double slope(int which, float[] direction) {
        return (8 * (at(which, direction, STEP) - at(which, direction, -STEP))
                        - (at(which, direction, 2 * STEP) - at(which, direction, -2 * STEP)))
                / (12 * STEP);
    }

    private double at(int which, float[] direction, double distance) {
        boolean input = which < inputs.size();
        float[] before = input
                ? inputs.get(which).clone()
                : parameters.get(which - inputs.size()).value().toFloats();
        float[] moved = new float[before.length];
        for (int i = 0; i < moved.length; i++) {
            moved[i] = (float) (before[i] + distance * direction[i]);
        }
        put(which, moved);
        double value = value();
        put(which, before);
        return value;
    }

    private void put(int which, float[] values) {
        if (which < inputs.size()) {
            inputs.set(which, values);
        } else {
            parameters.get(which - inputs.size()).value().set(values);
        }
    }

    @Override
    public void close() {
        activations.close();
        gradients.close();
        weights.close();
    }
}
