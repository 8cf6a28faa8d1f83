package mezzotint.kernel.evidence;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.tensor.DType;
import mezzotint.tensor.Memory;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** Runs {@link KernelCheck checks} on the kernels of one device. */
public final class CheckRun {
    private static final byte PATTERN = (byte) 0xA5;

    /** Gradients start from numbers, not from zero: what overwrites them is seen. */
    private static final int START_SEED = 77;

    private final Kernels kernels;
    private final LongFunction<Memory> allocate;
    private final int guard;

    /**
     * Runs on {@code kernels}.
     *
     * @param allocate a span of the device's memory of so many bytes
     * @param guard bytes around each tensor that must stay as they are, a multiple of 64; 0 where the device itself sees a
     *     stray access
     */
    public CheckRun(Kernels kernels, LongFunction<Memory> allocate, int guard) {
        this.kernels = kernels;
        this.allocate = allocate;
        this.guard = guard;
    }

    /**
     * A distance that was measured.
     *
     * @param what the output or gradient
     * @param error relative L2 to the definition; NaN where a number is missing
     * @param tolerance the most that is allowed
     */
    public record Distance(String what, double error, double tolerance) {
        private double share() {
            return Double.isNaN(error) || error > 0 && tolerance == 0
                    ? Double.MAX_VALUE
                    : error == 0 ? 0 : error / tolerance;
        }
    }

    /** A check in progress: its forward has run when the constructor returns. */
    public final class Session implements AutoCloseable {
        private final KernelCheck check;
        private final DType type;
        private final List<Placed> all = new ArrayList<>();
        private final Tensor[] in;
        private final Tensor[] out;
        private final double[][] point;

        private Session(KernelCheck check, DType type) {
            this.check = check;
            this.type = type;
            in = new Tensor[check.inputs().size()];
            out = new Tensor[check.outputs().size()];
            point = new double
                    [in.length
                            + (int) check.outputs().stream()
                                    .filter(output -> output.start().isPresent())
                                    .count()][];
            for (int i = 0; i < in.length; i++) {
                KernelCheck.Input input = check.inputs().get(i);
                in[i] = place(input.name(), input.shape().dims(), input.dtype(), input.values());
                point[i] = values(in[i]);
            }
            int changed = in.length;
            for (int i = 0; i < out.length; i++) {
                KernelCheck.Output output = check.outputs().get(i);
                float[] unwritten = new float[Math.toIntExact(output.shape().elements())];
                Arrays.fill(unwritten, Float.NaN);
                out[i] = place(
                        "output " + i,
                        output.shape().dims(),
                        output.dtype(),
                        output.start().orElse(unwritten));
                if (output.start().isPresent()) {
                    point[changed++] = values(out[i]);
                }
            }
        }

        /** Runs the forward and compares every output with its definition. */
        public Distance forward() {
            check.forward().run(kernels, out, in);
            double[][] expected = check.definition().of(point);
            List<Distance> distances = strays();
            for (int i = 0; i < out.length; i++) {
                distances.add(distance("output " + i, out[i], values(out[i]), expected[i], false));
            }
            return worst(distances);
        }

        /** Runs the backward, if there is one, and compares slopes of the definition with every gradient. */
        public Optional<Distance> backward() {
            return check.backward().map(this::backward);
        }

        /** Runs the forward and the backward and compares nothing. */
        void launch() {
            check.forward().run(kernels, out, in);
            if (check.backward().isPresent()) {
                Tensor[] gradients = new Tensor[in.length];
                for (int i = 0; i < in.length; i++) {
                    if (check.inputs().get(i).wantsGradient()) {
                        gradients[i] = placeGradient(i, new float[point[i].length]);
                    }
                }
                check.backward().get().run(kernels, gradients, placeGradOut(), out, in);
            }
        }

        private Tensor placeGradOut() {
            long[] dims = out[0].shape().dims();
            return place("gradOut", dims, Optional.of(out[0].dtype()), KernelCheck.normals(START_SEED, dims));
        }

        private Tensor placeGradient(int input, float[] start) {
            KernelCheck.Input of = check.inputs().get(input);
            return place("gradient of " + of.name(), of.shape().dims(), of.dtype(), start);
        }

        private Distance backward(KernelCheck.Backward backward) {
            Tensor gradOut = placeGradOut();
            double[] weights = values(gradOut);
            Tensor[] gradients = new Tensor[in.length];
            double[][] starts = new double[in.length][];
            double[][] slopes = new double[in.length][];
            SlopeProbe[] probes = new SlopeProbe[in.length];
            for (int i = 0; i < in.length; i++) {
                if (check.inputs().get(i).wantsGradient()) {
                    int varied = i;
                    probes[i] = new SlopeProbe(point[i].length);
                    slopes[i] = probes[i].slopes(x -> dot(weights, at(varied, x)), point[i]);
                    gradients[i] = placeGradient(i, start(slopes[i], point[i].length));
                    starts[i] = values(gradients[i]);
                }
            }
            backward.run(kernels, gradients, gradOut, out, in);
            List<Distance> distances = strays();
            for (int i = 0; i < in.length; i++) {
                if (gradients[i] != null) {
                    double[] before = probes[i].project(starts[i]);
                    double[] after = probes[i].project(values(gradients[i]));
                    for (int j = 0; j < before.length; j++) {
                        slopes[i][j] += before[j];
                    }
                    String what = "gradient of " + check.inputs().get(i).name();
                    distances.add(distance(what, gradients[i], after, slopes[i], true));
                }
            }
            return worst(distances);
        }

        private Distance distance(String what, Tensor tensor, double[] actual, double[] expected, boolean ofGradients) {
            return new Distance(what, relative(actual, expected), check.tolerance(tensor.dtype(), ofGradients));
        }

        private double[] at(int varied, double[] x) {
            double[][] moved = point.clone();
            moved[varied] = x;
            return check.definition().of(moved)[0];
        }

        /** Normal numbers of the size of the slopes. */
        private static float[] start(double[] slopes, int count) {
            double size =
                    Math.sqrt(Arrays.stream(slopes).map(s -> s * s).average().orElse(1));
            float[] start = new float[count];
            for (int i = 0; i < count; i++) {
                start[i] = (float) (size * PhiloxRandom.normalAt(START_SEED, 8, i));
            }
            return start;
        }

        private Tensor place(String name, long[] dims, Optional<DType> dtype, float[] values) {
            Placed placed = new Placed(name, dims, dtype.orElse(type), values, check.isMisaligned());
            all.add(placed);
            return placed.tensor;
        }

        private List<Distance> strays() {
            List<Distance> strays = new ArrayList<>();
            for (Placed placed : all) {
                if (placed.wasTouchedAround()) {
                    strays.add(new Distance("bytes around " + placed.name, Double.NaN, 0));
                }
            }
            return strays;
        }

        @Override
        public void close() {
            all.forEach(placed -> placed.memory.close());
        }
    }

    /** Places a check's tensors on the device. */
    public Session open(KernelCheck check, DType type) {
        return new Session(check, type);
    }

    /** A tensor in memory of its own. */
    private final class Placed {
        private final String name;
        private final Memory memory;
        private final Tensor tensor;
        private final int start;
        private final int end;

        Placed(String name, long[] dims, DType dtype, float[] values, boolean misaligned) {
            this.name = name;
            start = guard + (misaligned ? dtype.bytes() : 0);
            end = start + values.length * dtype.bytes();
            memory = allocate.apply(Math.max(1, end + guard));
            if (guard > 0) {
                byte[] pattern = new byte[Math.toIntExact(memory.byteSize())];
                Arrays.fill(pattern, PATTERN);
                memory.write(0, MemorySegment.ofArray(pattern));
            }
            tensor = new Tensor(memory, start, Shape.of(dims), dtype);
            set(tensor, values);
        }

        boolean wasTouchedAround() {
            byte[] bytes = new byte[guard == 0 ? 0 : Math.toIntExact(memory.byteSize())];
            memory.read(0, MemorySegment.ofArray(bytes));
            for (int i = 0; i < bytes.length; i++) {
                if ((i < start || i >= end) && bytes[i] != PATTERN) {
                    return true;
                }
            }
            return false;
        }
    }

    private static void set(Tensor tensor, float[] values) {
        switch (tensor.dtype()) {
            case F32, BF16 -> tensor.set(values);
            case F64 -> {
                double[] wide = new double[values.length];
                Arrays.setAll(wide, i -> values[i]);
                tensor.write(MemorySegment.ofArray(wide));
            }
            case I32 -> {
                int[] whole = new int[values.length];
                Arrays.setAll(whole, i -> (int) values[i]);
                tensor.set(whole);
            }
            default -> {
                byte[] bytes = new byte[values.length];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) values[i];
                }
                tensor.write(MemorySegment.ofArray(bytes));
            }
        }
    }

    private static double[] values(Tensor tensor) {
        int count = Math.toIntExact(tensor.shape().elements());
        double[] values = new double[count];
        switch (tensor.dtype()) {
            case F32, BF16 -> {
                float[] narrow = tensor.toFloats();
                Arrays.setAll(values, i -> narrow[i]);
            }
            case F64 -> tensor.read(MemorySegment.ofArray(values));
            default -> {
                MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(tensor.byteSize())]);
                tensor.read(bytes);
                boolean wide = tensor.dtype() == DType.I32;
                Arrays.setAll(
                        values,
                        i -> wide
                                ? bytes.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i)
                                : bytes.get(ValueLayout.JAVA_BYTE, i));
            }
        }
        return values;
    }

    private static Distance worst(List<Distance> distances) {
        return Collections.max(distances, Comparator.comparingDouble(Distance::share));
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** ‖actual − expected‖ / ‖expected‖; NaN where either has a number that is none. */
    static double relative(double[] actual, double[] expected) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < expected.length; i++) {
            if (!Double.isFinite(actual[i]) || !Double.isFinite(expected[i])) {
                return Double.NaN;
            }
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
    }
}
