package mezzotint.ablation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What a finished run has to say.
 *
 * @param seconds of training
 * @param pictures trained on, repetitions counted
 * @param peakMebibytes largest memory of the process
 * @param curve mean training loss of each stretch, in order
 * @param curveSteps last step of each stretch
 * @param lossByTime held-out or last loss of t in [0, 0.3), [0.3, 0.6), [0.6, 1]; NaN for none
 * @param metrics by name
 */
public record RunResult(
        double seconds,
        long pictures,
        double peakMebibytes,
        List<Double> curve,
        List<Long> curveSteps,
        List<Double> lossByTime,
        SequencedMap<String, Measure> metrics) {
    /** Copies the collections. */
    public RunResult {
        if (curve.size() != curveSteps.size()) {
            throw new IllegalArgumentException(
                    "run result: %d losses for %d steps".formatted(curve.size(), curveSteps.size()));
        }
        curve = List.copyOf(curve);
        curveSteps = List.copyOf(curveSteps);
        lossByTime = List.copyOf(lossByTime);
        metrics = new LinkedHashMap<>((Map<String, Measure>) metrics);
    }

    /** Pictures trained on in a second. */
    public double throughput() {
        return pictures / seconds;
    }
}
