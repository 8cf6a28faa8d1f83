package mezzotint.kernel.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Memory;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/** Runs {@link KernelCheck checks} on the kernels of one device. */
public final class CheckRun {
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
            return Double.isNaN(error) ? Double.MAX_VALUE : error / Math.max(tolerance, Double.MIN_NORMAL);
        }
    }

    /** Places a check's tensors on the device. */
    public Session open(KernelCheck check, DType type) {
        return new Session(check, type);
    }

    /** A check's tensors on the device; the forward comes first, the backward then. */
    public final class Session implements AutoCloseable {
        private final KernelCheck check;
        private final DType type;
        private final Truth truth;
        private final List<PlacedTensor> all = new ArrayList<>();
        private final List<PlacedTensor> inputs = new ArrayList<>();
        private final List<PlacedTensor> outputs = new ArrayList<>();
        private final Tensor[] in;
        private final Tensor[] out;

        private Session(KernelCheck check, DType type) {
            this.check = check;
            this.type = type;
            this.truth = check.truth(type);
            for (KernelCheck.Input input : check.inputs()) {
                inputs.add(place(input.name(), input.shape(), input.dtype()).set(input.values()));
            }
            for (KernelCheck.Output output : check.outputs()) {
                float[] unwritten = new float[Math.toIntExact(output.shape().elements())];
                Arrays.fill(unwritten, Float.NaN);
                String name = "output " + outputs.size();
                outputs.add(place(name, output.shape(), output.dtype())
                        .set(output.start().orElse(unwritten)));
            }
            in = inputs.stream().map(PlacedTensor::tensor).toArray(Tensor[]::new);
            out = outputs.stream().map(PlacedTensor::tensor).toArray(Tensor[]::new);
        }

        /** Runs the forward and compares every output with its definition. */
        public Distance forward() {
            check.forward().run(kernels, out, in);
            List<Distance> distances = strays();
            for (int i = 0; i < out.length; i++) {
                double[] actual = outputs.get(i).values();
                distances.add(distance(outputs.get(i), actual, truth.output(i), false));
            }
            return worst(distances);
        }

        /** Runs the backward, if there is one, and compares slopes of the definition with every gradient. */
        public Optional<Distance> backward() {
            return check.backward().map(this::backward);
        }

        private Distance backward(KernelCheck.Backward backward) {
            PlacedTensor[] gradients = new PlacedTensor[in.length];
            double[][] starts = new double[in.length][];
            for (int i = 0; i < in.length; i++) {
                if (check.inputs().get(i).wantsGradient()) {
                    gradients[i] = placeGradient(i).set(truth.start(i));
                    starts[i] = gradients[i].values();
                }
            }
            run(backward, gradients);
            List<Distance> distances = strays();
            for (int i = 0; i < in.length; i++) {
                if (gradients[i] != null) {
                    double[] expected = truth.probe(i).project(starts[i]);
                    double[] slopes = truth.slopes(i);
                    Arrays.setAll(expected, j -> expected[j] + slopes[j]);
                    double[] actual = truth.probe(i).project(gradients[i].values());
                    distances.add(distance(gradients[i], actual, expected, true));
                }
            }
            return worst(distances);
        }

        /** Runs the forward and the backward and compares nothing. */
        void launch() {
            check.forward().run(kernels, out, in);
            check.backward().ifPresent(backward -> {
                PlacedTensor[] gradients = new PlacedTensor[in.length];
                for (int i = 0; i < in.length; i++) {
                    if (check.inputs().get(i).wantsGradient()) {
                        gradients[i] = placeGradient(i);
                        gradients[i].tensor().zero();
                    }
                }
                run(backward, gradients);
            });
        }

        private void run(KernelCheck.Backward backward, PlacedTensor[] gradients) {
            PlacedTensor gradOut = place("gradOut", out[0].shape(), Optional.of(out[0].dtype()));
            gradOut.set(truth.gradOut());
            Tensor[] plain = new Tensor[gradients.length];
            for (int i = 0; i < plain.length; i++) {
                plain[i] = gradients[i] == null ? null : gradients[i].tensor();
            }
            backward.run(kernels, plain, gradOut.tensor(), out, in);
        }

        private PlacedTensor placeGradient(int input) {
            KernelCheck.Input of = check.inputs().get(input);
            return place("gradient of " + of.name(), of.shape(), of.dtype());
        }

        private PlacedTensor place(String name, Shape shape, Optional<DType> dtype) {
            var placed = new PlacedTensor(name, shape, dtype.orElse(type), allocate, guard, check.isMisaligned());
            all.add(placed);
            return placed;
        }

        private Distance distance(PlacedTensor tensor, double[] actual, double[] expected, boolean ofGradients) {
            double tolerance = check.tolerance(tensor.tensor().dtype(), ofGradients);
            return new Distance(tensor.name(), relative(actual, expected), tolerance);
        }

        /** What was changed that must not be: bytes around a tensor, and inputs. */
        private List<Distance> strays() {
            List<Distance> strays = new ArrayList<>();
            for (PlacedTensor placed : all) {
                if (placed.wasTouchedAround()) {
                    strays.add(new Distance("bytes around " + placed.name(), Double.NaN, 0));
                }
            }
            for (int i = 0; i < in.length; i++) {
                if (!Arrays.equals(inputs.get(i).values(), truth.point(i))) {
                    strays.add(new Distance("input " + inputs.get(i).name() + ", changed", Double.NaN, 0));
                }
            }
            return strays;
        }

        @Override
        public void close() {
            all.forEach(PlacedTensor::close);
        }
    }

    private static Distance worst(List<Distance> distances) {
        return Collections.max(distances, Comparator.comparingDouble(Distance::share));
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
