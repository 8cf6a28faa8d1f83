package mezzotint.kernel.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;

/**
 * What a {@link KernelCheck} should give for one type T: inputs as that type holds them, and outputs and slopes of the
 * float64 definition there. Worked out once, whatever the number of devices and runs.
 */
final class Truth {
    private static final int SEED = 77;

    private final KernelCheck check;
    private final DType type;
    private final double[][] point;
    private final float[] gradOut;
    private double[][] outputs;
    private double[][] slopes;
    private SlopeProbe[] probes;

    Truth(KernelCheck check, DType type) {
        this.check = check;
        this.type = type;
        List<double[]> values = new ArrayList<>();
        for (KernelCheck.Input input : check.inputs()) {
            values.add(held(input.values(), input.dtype().orElse(type)));
        }
        for (KernelCheck.Output output : check.outputs()) {
            output.start()
                    .ifPresent(start -> values.add(held(start, output.dtype().orElse(type))));
        }
        point = values.toArray(double[][]::new);
        KernelCheck.Output first = check.outputs().getFirst();
        gradOut = KernelCheck.normals(SEED, first.shape().dims());
    }

    private static double[] held(float[] values, DType dtype) {
        double[] held = new double[values.length];
        Arrays.setAll(held, i -> dtype == DType.BF16 ? BFloat16.toFloat(BFloat16.fromFloat(values[i])) : values[i]);
        return held;
    }

    /** What each input holds, and then what each output that is changed holds before. */
    double[] point(int i) {
        return point[i];
    }

    /** What output {@code i} should be. */
    double[] output(int i) {
        if (outputs == null) {
            outputs = check.definition().of(point);
        }
        return outputs[i];
    }

    /** The gradient of the first output: normal numbers, not yet rounded to its type. */
    float[] gradOut() {
        return gradOut;
    }

    /** The slopes of Σ gradOut · out₀ along {@link #probe}'s directions. */
    double[] slopes(int input) {
        if (slopes == null) {
            slopes = new double[check.inputs().size()][];
            probes = new SlopeProbe[slopes.length];
        }
        if (slopes[input] == null) {
            double[] weights = held(gradOut, check.outputs().getFirst().dtype().orElse(type));
            probes[input] = new SlopeProbe(point[input].length);
            slopes[input] = probes[input].slopes(
                    x -> {
                        double[][] moved = point.clone();
                        moved[input] = x;
                        return dot(weights, check.definition().of(moved)[0]);
                    },
                    point[input]);
        }
        return slopes[input];
    }

    /** The directions of {@link #slopes}. */
    SlopeProbe probe(int input) {
        slopes(input);
        return probes[input];
    }

    /** What a gradient holds before: normal numbers of its size, so that what overwrites or loses them is seen. */
    float[] start(int input) {
        double size = Math.sqrt(Arrays.stream(slopes(input))
                .map(slope -> slope * slope)
                .average()
                .orElse(1));
        float[] start = new float[point[input].length];
        for (int i = 0; i < start.length; i++) {
            start[i] = (float) (size * PhiloxRandom.normalAt(SEED, 8, i));
        }
        return start;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
