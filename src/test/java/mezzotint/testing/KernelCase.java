package mezzotint.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * One kernel on given inputs, and the five properties that every kernel has: definition, slope, accumulation, neighbourhood
 * and repeatability, the last over thread counts too.
 *
 * <p>The slope is that of Σ gradOut · out₀ for a random gradOut; further outputs are what the forward keeps for the backward.
 */
public final class KernelCase {
    private static final float START = 7;

    /** Runs a forward kernel. */
    @FunctionalInterface
    public interface Forward {
        void run(Kernels kernels, Tensor[] out, Tensor[] in);
    }

    /** Runs a backward kernel; gradients of inputs are in their order, null for a constant or where not wanted. */
    @FunctionalInterface
    public interface Backward {
        void run(Kernels kernels, Tensor[] gradients, Tensor gradOut, Tensor[] out, Tensor[] in);
    }

    /** The float64 definition: all inputs to all outputs. */
    @FunctionalInterface
    public interface Reference {
        double[][] of(double[][] in);
    }

    private record Input(String name, Tensor tensor, double[] values, boolean wantsGradient, boolean isActivation) {
        Input rounded(Tensors tensors) {
            Tensor narrow = tensors.arena().allocate(tensor.shape(), DType.BF16).set(tensor.toFloats());
            return new Input(name, narrow, Tensors.doubles(narrow), wantsGradient, isActivation);
        }
    }

    private record Result(float[][] out, float[][] gradients) {}

    private final Tensors tensors;
    private final List<Input> inputs = new ArrayList<>();
    private Shape[] outputs = {};
    private Forward forward;
    private Backward backward;
    private Backward firstBackward;
    private Reference reference;
    private double tolerance = 1e-6;
    private double slopeTolerance = 1e-5;
    private int coordinates = 48;
    private double narrowTolerance = Double.NaN;
    private double narrowSlopeTolerance = Double.NaN;
    private boolean wideOutput;

    /** Type of the activations: BF16 only within {@link #narrowed}. */
    private DType type = DType.F32;

    // Both sides are rounded sums in float32; what is added is of the order of 1 beside 7.
    private double accumulationTolerance = 1e-6;

    /** A case whose tensors live in {@code tensors}. */
    public KernelCase(Tensors tensors) {
        this.tensors = tensors;
    }

    /** The next input, F32 or BF16, whose gradient is checked; an activation, see {@link #alsoInBFloat16}. */
    public KernelCase input(String name, Tensor tensor) {
        inputs.add(new Input(name, tensor, Tensors.doubles(tensor), true, true));
        return this;
    }

    /** The next input, F32 in every run, whose gradient is checked: a learned scale, say. */
    public KernelCase parameter(String name, Tensor tensor) {
        inputs.add(new Input(name, tensor, Tensors.doubles(tensor), true, false));
        return this;
    }

    /** The next input without a gradient that is an activation, see {@link #alsoInBFloat16}. */
    public KernelCase activation(String name, Tensor tensor) {
        inputs.add(new Input(name, tensor, Tensors.doubles(tensor), false, true));
        return this;
    }

    /** The next input, of any type and in every run of that type, without a gradient; the reference gets {@code values}. */
    public KernelCase constant(String name, Tensor tensor, double[] values) {
        inputs.add(new Input(name, tensor, values, false, false));
        return this;
    }

    /** The next input, F32 or BF16 and in every run of that type, without a gradient. */
    public KernelCase constant(String name, Tensor tensor) {
        return constant(name, tensor, Tensors.doubles(tensor));
    }

    /** Shapes of the F32 outputs. */
    public KernelCase outputs(Shape... shapes) {
        outputs = shapes.clone();
        return this;
    }

    /** The forward kernel. */
    public KernelCase forward(Forward run) {
        forward = run;
        return this;
    }

    /** The backward kernel; without it slope and accumulation are not looked at. */
    public KernelCase backward(Backward run) {
        backward = run;
        return this;
    }

    /** The backward for the first to add: into gradients that hold NaN it must give what the backward adds to zeros. */
    public KernelCase firstBackward(Backward run) {
        firstBackward = run;
        return this;
    }

    /** The definition. */
    public KernelCase reference(Reference definition) {
        reference = definition;
        return this;
    }

    /** Relative L2 allowed of outputs and of gradients. */
    public KernelCase tolerance(double ofOutputs, double ofGradients) {
        tolerance = ofOutputs;
        slopeTolerance = ofGradients;
        return this;
    }

    /** At most so many coordinates of each gradient are compared with central differences. */
    public KernelCase coordinates(int most) {
        coordinates = most;
        return this;
    }

    /**
     * Checks the properties with activations in BF16 too, on the set-ups whose kernels take them: {@link #input} and
     * {@link #activation} are rounded, and so are gradients, gradOut and the first output; the definition gets the rounded
     * inputs.
     *
     * @param ofOutputs relative L2 allowed of outputs
     * @param ofGradients relative L2 allowed of gradients
     */
    public KernelCase alsoInBFloat16(double ofOutputs, double ofGradients) {
        narrowTolerance = ofOutputs;
        narrowSlopeTolerance = ofGradients;
        return this;
    }

    /** The first output is F32 in every run, as a loss is. */
    public KernelCase wideOutput() {
        wideOutput = true;
        return this;
    }

    /** Checks all five properties on the set-ups of the CPU alone: for shapes that its loops alone tell apart. */
    public void verifyOnCpu() {
        check(Devices.all().stream()
                .filter(setup -> setup.name().startsWith("CPU"))
                .toList());
    }

    /** Checks all five properties on every set-up of {@link Devices}. */
    public void verify() {
        check(Devices.all());
        if (!Double.isNaN(narrowTolerance)) {
            narrowed().check(Devices.withBFloat16());
        }
    }

    private KernelCase narrowed() {
        KernelCase narrow = new KernelCase(tensors)
                .outputs(outputs)
                .forward(forward)
                .backward(backward)
                .firstBackward(firstBackward)
                .reference(reference)
                .tolerance(narrowTolerance, narrowSlopeTolerance)
                .coordinates(coordinates);
        narrow.wideOutput = wideOutput;
        narrow.type = DType.BF16;
        // 7 and the gradient are rounded to 8 bits, and so is their sum.
        narrow.accumulationTolerance = 0x1p-7;
        for (Input input : inputs) {
            narrow.inputs.add(input.isActivation ? input.rounded(tensors) : input);
        }
        return narrow;
    }

    private void check(List<Devices.Setup> setups) {
        double[][] expected = reference.of(inputs.stream().map(Input::values).toArray(double[][]::new));
        int elements = Math.toIntExact(outputs[0].elements());
        float[] gradOut =
                outputType(0) == DType.BF16 ? Tensors.normalsBFloat16(1234, elements) : Tensors.normals(1234, elements);
        double[][] slopes = backward == null ? null : slopes(gradOut);
        Map<String, Result> sameBits = new HashMap<>();
        for (Devices.Setup setup : setups) {
            Result result = run(setup, backward, gradOut, 0, -1);
            Result before = sameBits.putIfAbsent(setup.bits(), result);
            assertSameBits(setup + ", another thread count", before == null ? result : before, result, -1);
            assertSameBits(setup + ", second run", result, run(setup, backward, gradOut, 0, -1), -1);
            for (int i = 0; i < outputs.length; i++) {
                RelativeError.assertRelativeError(setup + ", output " + i, result.out[i], expected[i], tolerance);
            }
            if (backward != null) {
                checkSlopes(setup, result, slopes);
                checkAccumulation(setup, result, gradOut);
                checkUnwanted(setup, result, gradOut);
            }
            if (backward != null && firstBackward != null) {
                Result first = run(setup, firstBackward, gradOut, Float.NaN, -1);
                assertSameBits(setup + ", first backward", result, withoutSignsOfZero(first), -1);
            }
        }
    }

    /** A sum with +0 is never −0, a copy can be. */
    private static Result withoutSignsOfZero(Result result) {
        for (float[] gradient : result.gradients) {
            for (int i = 0; gradient != null && i < gradient.length; i++) {
                gradient[i] += 0f;
            }
        }
        return result;
    }

    private Result run(Devices.Setup setup, Backward backward, float[] gradOut, float start, int unwanted) {
        long mark = tensors.arena().mark();
        GuardedTensor[] out = new GuardedTensor[outputs.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = tensors.guarded(outputs[i], outputType(i)).fill(Float.NaN);
        }
        GuardedTensor[] gradients = new GuardedTensor[inputs.size()];
        for (int i = 0; i < gradients.length; i++) {
            if (inputs.get(i).wantsGradient && i != unwanted) {
                DType gradientType = inputs.get(i).isActivation ? type : DType.F32;
                gradients[i] = tensors.guarded(inputs.get(i).tensor.shape(), gradientType)
                        .fill(start);
            }
        }
        Tensor[] in = inputs.stream().map(Input::tensor).toArray(Tensor[]::new);
        byte[][] before = Stream.of(in).map(Tensors::bytes).toArray(byte[][]::new);
        Tensor[] outTensors = GuardedTensor.tensors(out);
        forward.run(setup.kernels(), outTensors, in);
        float[][] outValues = GuardedTensor.values(out);
        if (backward != null) {
            Tensor gradOutTensor =
                    tensors.arena().allocate(outputs[0], outputType(0)).set(gradOut);
            byte[] gradOutBefore = Tensors.bytes(gradOutTensor);
            backward.run(setup.kernels(), GuardedTensor.tensors(gradients), gradOutTensor, outTensors, in);
            assertArrayEquals(gradOutBefore, Tensors.bytes(gradOutTensor), setup + ": the backward changed gradOut");
            assertSameBits(
                    setup + ", outputs after the backward",
                    new Result(outValues, new float[0][]),
                    new Result(GuardedTensor.values(out), new float[0][]),
                    -1);
        }
        checkNeighbourhood(setup, out, gradients, in, before);
        Result result = new Result(outValues, GuardedTensor.values(gradients));
        tensors.arena().release(mark);
        return result;
    }

    /** What the forward keeps for the backward is F32 always. */
    private DType outputType(int output) {
        return output == 0 && !wideOutput ? type : DType.F32;
    }

    private void checkNeighbourhood(
            Devices.Setup setup, GuardedTensor[] out, GuardedTensor[] gradients, Tensor[] in, byte[][] before) {
        for (int i = 0; i < out.length; i++) {
            out[i].assertGuards(setup + ", output " + i);
        }
        for (int i = 0; i < in.length; i++) {
            String name = inputs.get(i).name;
            if (gradients[i] != null) {
                gradients[i].assertGuards(setup + ", gradient of " + name);
            }
            assertArrayEquals(before[i], Tensors.bytes(in[i]), setup + ": input " + name + " was changed");
        }
    }

    /** Central differences of Σ gradOut · out₀. */
    private double[][] slopes(float[] gradOut) {
        double[][] slopes = new double[inputs.size()][];
        double[][] in = inputs.stream().map(Input::values).toArray(double[][]::new);
        for (int i = 0; i < in.length; i++) {
            if (inputs.get(i).wantsGradient) {
                int varied = i;
                int[] picked = GradientCheck.pick(in[i].length, coordinates);
                slopes[i] = new double[picked.length];
                for (int k = 0; k < picked.length; k++) {
                    slopes[i][k] = GradientCheck.slope(
                            values -> {
                                double[][] moved = in.clone();
                                moved[varied] = values;
                                return dot(gradOut, reference.of(moved)[0]);
                            },
                            in[i],
                            picked[k]);
                }
            }
        }
        return slopes;
    }

    private void checkSlopes(Devices.Setup setup, Result result, double[][] slopes) {
        for (int i = 0; i < slopes.length; i++) {
            if (slopes[i] != null) {
                int[] picked = GradientCheck.pick(result.gradients[i].length, coordinates);
                float[] actual = new float[picked.length];
                for (int k = 0; k < picked.length; k++) {
                    actual[k] = result.gradients[i][picked[k]];
                }
                RelativeError.assertRelativeError(
                        setup + ", gradient of " + inputs.get(i).name, actual, slopes[i], slopeTolerance);
            }
        }
    }

    private void checkAccumulation(Devices.Setup setup, Result result, float[] gradOut) {
        float[][] onTop = run(setup, backward, gradOut, START, -1).gradients;
        for (int i = 0; i < onTop.length; i++) {
            if (onTop[i] != null) {
                double[] expected = Tensors.doubles(result.gradients[i]);
                double[] addends = new double[expected.length];
                for (int k = 0; k < expected.length; k++) {
                    addends[k] = START + Math.abs(expected[k]);
                    expected[k] += START;
                }
                // Relative to what was added, not to the sum: 7 and a gradient of -6.9 leave their rounding beside 0.1.
                RelativeError.assertErrorOf(
                        addends,
                        setup + ", gradient on top of 7 of " + inputs.get(i).name,
                        onTop[i],
                        expected,
                        accumulationTolerance);
            }
        }
    }

    private void checkUnwanted(Devices.Setup setup, Result result, float[] gradOut) {
        for (int i = 0; i < inputs.size(); i++) {
            if (inputs.get(i).wantsGradient) {
                Result without = run(setup, backward, gradOut, 0, i);
                assertSameBits(setup + ", without the gradient of " + inputs.get(i).name, result, without, i);
            }
        }
    }

    private void assertSameBits(String what, Result expected, Result actual, int unwanted) {
        for (int i = 0; i < expected.out.length; i++) {
            assertBits(what + ", output " + i, expected.out[i], actual.out[i]);
        }
        for (int i = 0; i < expected.gradients.length; i++) {
            if (expected.gradients[i] != null && i != unwanted) {
                assertBits(what + ", gradient of " + inputs.get(i).name, expected.gradients[i], actual.gradients[i]);
            }
        }
    }

    private static void assertBits(String what, float[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[i])) {
                throw new AssertionError("%s: element %d is %a, expected the same bits as %a"
                        .formatted(what, i, actual[i], expected[i]));
            }
        }
    }

    private static double dot(float[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
