package mezzotint.kernel.evidence;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * One operation of {@link Kernels} on given shapes, with its float64 definition: what {@link CheckRun} runs on a device.
 *
 * <p>Activations and conditioning are of the type T that a run chooses, F32 or BF16, and so are their gradients and the
 * first output; learned scales, statistics and what optimizers keep are F32.
 */
public final class KernelCheck {

    /** Runs a forward kernel. */
    @FunctionalInterface
    public interface Forward {
        /** Outputs come first, as in {@link Kernels}. */
        void run(Kernels kernels, Tensor[] out, Tensor[] in);
    }

    /** Runs a backward kernel; gradients lie in the order of the inputs, null where an input has none. */
    @FunctionalInterface
    public interface Backward {
        /** Adds into {@code gradients}. */
        void run(Kernels kernels, Tensor[] gradients, Tensor gradOut, Tensor[] out, Tensor[] in);
    }

    /** The float64 definition: all inputs, and then what changed outputs hold before, to all outputs. */
    @FunctionalInterface
    public interface Definition {
        /** Leaves its arguments alone. */
        double[][] of(double[][] in);
    }

    /**
     * An input.
     *
     * @param values of an F32 or BF16 tensor; of another type, numbers that fit it
     * @param dtype empty for T
     */
    record Input(String name, Shape shape, float[] values, Optional<DType> dtype, boolean wantsGradient) {}

    /**
     * An output.
     *
     * @param dtype empty for T
     * @param start what it holds before, if the operation reads that
     */
    record Output(Shape shape, Optional<DType> dtype, Optional<float[]> start) {}

    private final String name;
    private final String shape;
    private final List<Input> inputs = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();
    private final Map<DType, Truth> truths = new EnumMap<>(DType.class);
    private Forward forward;
    private Optional<Backward> backward = Optional.empty();
    private Definition definition;
    private double[] tolerances = {2e-6, 2e-6};
    private double[] narrowTolerances = {1e-2, 1e-2};
    private boolean misaligned;
    private boolean onOneMultiprocessor;
    private List<DType> types = List.of(DType.F32, DType.BF16);

    /**
     * A check to be described.
     *
     * @param name of the operation: {@code rms_norm}
     * @param shape for people: {@code N 37 · D 129}
     */
    public KernelCheck(String name, String shape) {
        this.name = name;
        this.shape = shape;
    }

    /** The next input: normal numbers of type T, with a gradient. */
    public KernelCheck activation(String input, long... dims) {
        return add(input, normals(dims), Optional.empty(), true, dims);
    }

    /** The next input: normal numbers of type T, each at least 1e-3 from 0, with a gradient: for what has a kink there. */
    KernelCheck activationOffZero(String input, long... dims) {
        float[] values = normals(dims);
        for (int i = 0; i < values.length; i++) {
            values[i] += Math.copySign(1e-3f, values[i]);
        }
        return add(input, values, Optional.empty(), true, dims);
    }

    /** The next input: normal numbers of type T, without a gradient. */
    public KernelCheck fixedActivation(String input, long... dims) {
        return add(input, normals(dims), Optional.empty(), false, dims);
    }

    /** The next input: normal numbers of F32, with a gradient. */
    public KernelCheck parameter(String input, long... dims) {
        return add(input, normals(dims), Optional.of(DType.F32), true, dims);
    }

    /** The next input: given numbers of a given type, without a gradient. */
    public KernelCheck constant(String input, DType dtype, float[] values, long... dims) {
        return add(input, values, Optional.of(dtype), false, dims);
    }

    /** The next input: normal numbers of F32, without a gradient. */
    public KernelCheck constant(String input, long... dims) {
        return constant(input, DType.F32, normals(dims), dims);
    }

    private KernelCheck add(String input, float[] values, Optional<DType> dtype, boolean wantsGradient, long... dims) {
        inputs.add(new Input(input, Shape.of(dims), values, dtype, wantsGradient));
        return this;
    }

    /** The next output, of type T. */
    public KernelCheck output(long... dims) {
        outputs.add(new Output(Shape.of(dims), Optional.empty(), Optional.empty()));
        return this;
    }

    /** The next output, of a given type in every run. */
    public KernelCheck output(DType dtype, long... dims) {
        outputs.add(new Output(Shape.of(dims), Optional.of(dtype), Optional.empty()));
        return this;
    }

    /** The next output, of type T, which the operation changes: it starts as normal numbers. */
    public KernelCheck changes(long... dims) {
        outputs.add(new Output(Shape.of(dims), Optional.empty(), Optional.of(normals(dims))));
        return this;
    }

    /** The next output, of F32, which the operation changes. */
    public KernelCheck changesWide(float[] start, long... dims) {
        outputs.add(new Output(Shape.of(dims), Optional.of(DType.F32), Optional.of(start)));
        return this;
    }

    /** The forward operation. */
    public KernelCheck forward(Forward run) {
        forward = run;
        return this;
    }

    /** The backward operation, which adds the gradients of Σ gradOut · out₀. */
    public KernelCheck backward(Backward run) {
        backward = Optional.of(run);
        return this;
    }

    /** What it computes. */
    public KernelCheck definition(Definition of) {
        definition = of;
        return this;
    }

    /**
     * Relative L2 allowed of F32 runs instead of 2e-6.
     *
     * @param ofOutputs of a forward
     * @param ofGradients of a backward
     */
    public KernelCheck tolerance(double ofOutputs, double ofGradients) {
        tolerances = new double[] {ofOutputs, ofGradients};
        return this;
    }

    /** Relative L2 allowed of BF16 runs instead of 1e-2. */
    public KernelCheck narrowTolerance(double ofOutputs, double ofGradients) {
        narrowTolerances = new double[] {ofOutputs, ofGradients};
        return this;
    }

    /**
     * Of BF16 runs: what is float32 before is rounded once, to 8 bits.
     *
     * <p>That is 2⁻⁸ of a number at most and 1.7e-3 in relative L2 over many; a gradient is seen by 22 slopes of it only, over
     * which that scatters.
     */
    public KernelCheck roundsOnce() {
        boolean few = outputs.getFirst().shape().elements() < 100;
        return narrowTolerance(few ? 4e-3 : 2.2e-3, few ? 4e-3 : 3.2e-3);
    }

    /** All tensors begin one element after a multiple of 256 bytes: accesses of 16 bytes are not possible. */
    public KernelCheck misaligned() {
        misaligned = true;
        return this;
    }

    /** The kernels shall think that the device has one multiprocessor, for which they choose larger tiles. */
    public KernelCheck onOneMultiprocessor() {
        onOneMultiprocessor = true;
        return this;
    }

    /** The types T that there are kernels for, if not both. */
    public KernelCheck types(DType... of) {
        types = List.of(of);
        return this;
    }

    /** The operation's name. */
    public String name() {
        return name;
    }

    /** Its shape, for people. */
    public String shape() {
        return misaligned ? shape + ", not aligned" : shape;
    }

    /** What T may be. */
    public List<DType> types() {
        return types;
    }

    /** Relative L2 allowed when T is {@code type}. */
    public double tolerance(DType type, boolean ofGradients) {
        return (type == DType.BF16 ? narrowTolerances : tolerances)[ofGradients ? 1 : 0];
    }

    boolean isMisaligned() {
        return misaligned;
    }

    boolean wantsOneMultiprocessor() {
        return onOneMultiprocessor;
    }

    List<Input> inputs() {
        return inputs;
    }

    List<Output> outputs() {
        return outputs;
    }

    /** What it should give when T is {@code type}; worked out once. */
    Truth truth(DType type) {
        return truths.computeIfAbsent(type, of -> new Truth(this, of));
    }

    Forward forward() {
        return forward;
    }

    Optional<Backward> backward() {
        return backward;
    }

    Definition definition() {
        return definition;
    }

    private float[] normals(long... dims) {
        return normals(name.hashCode() + 31L * inputs.size() + 1009L * outputs.size(), dims);
    }

    /** Standard normal numbers, the same for the same seed. */
    static float[] normals(long seed, long... dims) {
        float[] values = new float[Math.toIntExact(Shape.of(dims).elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = PhiloxRandom.normalAt(seed, 7, i);
        }
        return values;
    }
}
