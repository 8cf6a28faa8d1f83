package mezzotint.training.technique;

import java.util.Arrays;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** Weighted means as one number. */
final class Means {
    private Means() {}

    /** <pre>factor · mean(x)</pre> → (1). */
    static Tensor of(Tape tape, Tensor x, float factor) {
        int count = Math.toIntExact(x.shape().elements());
        float[] weights = new float[count];
        Arrays.fill(weights, factor / count);
        return tape.weightedSum(x, tape.constant(weights, count));
    }

    /** The mean of per-picture numbers (B) over the pictures with t below {@code threshold}, 0 when there are none. */
    static Tensor belowTime(Tape tape, Tensor perPicture, float[] times, float threshold) {
        int count = 0;
        for (float t : times) {
            count += t < threshold ? 1 : 0;
        }
        float[] weights = new float[times.length];
        for (int b = 0; b < times.length; b++) {
            weights[b] = times[b] < threshold ? 1f / count : 0f;
        }
        return tape.weightedSum(perPicture, tape.constant(weights, times.length));
    }
}
