package mezzotint.training;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Exponential moving average of the weights (EMA).
 *
 * <p>It starts as a copy of the training weights at the first update event at or after its start, and is averaged at every
 * event whose number is a multiple of the interval.
 *
 * <pre>average ← smoothing · average + (1 − smoothing) · weights</pre>
 */
public final class WeightAverage {
    /** A point or distance in a run. */
    public sealed interface Moment {
        /** Batches. */
        record Batches(long count) implements Moment {}

        /** Epochs. */
        record Epochs(long count) implements Moment {}

        /** Share of the whole run, in [0, 1]. */
        record Share(double share) implements Moment {}

        /**
         * Reads {@code 10ba}, {@code 1ep} or {@code 0.5dur}.
         *
         * @throws IllegalArgumentException for anything else
         */
        static Moment parse(String text) {
            try {
                if (text.endsWith("ba")) {
                    return new Batches(Long.parseLong(text.substring(0, text.length() - 2)));
                }
                if (text.endsWith("ep")) {
                    return new Epochs(Long.parseLong(text.substring(0, text.length() - 2)));
                }
                if (text.endsWith("dur")) {
                    return new Share(Double.parseDouble(text.substring(0, text.length() - 3)));
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(expectation(text), e);
            }
            throw new IllegalArgumentException(expectation(text));
        }

        private static String expectation(String text) {
            return "moment: expected a number and ba, ep or dur, such as 10ba, got " + text;
        }
    }

    /**
     * When and how strongly weights are averaged.
     *
     * @param smoothing in [0, 1]; 0.999 in PRX
     * @param start when the average begins
     * @param interval batches or epochs between two updates, at least 1
     */
    public record Schedule(double smoothing, Moment start, Moment interval) {
        /** @throws IllegalArgumentException when a number is out of range or the interval is a share */
        public Schedule {
            if (!(smoothing >= 0 && smoothing <= 1)) {
                throw new IllegalArgumentException("weight average: expected smoothing in [0, 1], got " + smoothing);
            }
            boolean valid = switch (interval) {
                case Moment.Batches(long count) -> count >= 1;
                case Moment.Epochs(long count) -> count >= 1;
                case Moment.Share ignored -> false;
            };
            if (!valid) {
                throw new IllegalArgumentException(
                        "weight average: expected an interval of at least one batch or epoch, got " + interval);
            }
        }
    }

    /**
     * How far a run is, at the end of a batch.
     *
     * @param batches batches done
     * @param epochs epochs done
     * @param totalBatches batches of the whole run
     * @param epochEnds whether an epoch ended with this batch
     */
    public record Progress(long batches, long epochs, long totalBatches, boolean epochEnds) {}

    private final Kernels kernels;
    private final Schedule schedule;
    private final Map<Parameter, Tensor> averages = new LinkedHashMap<>();
    private boolean active;

    /** Averages of {@code parameters}, allocated in {@code arena}, equal to the present values but not active. */
    public WeightAverage(Kernels kernels, TensorArena arena, List<Parameter> parameters, Schedule schedule) {
        this.kernels = kernels;
        this.schedule = schedule;
        for (Parameter parameter : parameters) {
            averages.put(
                    parameter,
                    arena.allocate(parameter.value().shape(), DType.F32).copyFrom(parameter.value()));
        }
    }

    /** Tells that a batch has ended. */
    public void batchEnded(Progress progress) {
        boolean byEpoch = schedule.interval instanceof Moment.Epochs;
        if (byEpoch && !progress.epochEnds()) {
            return;
        }
        if (!active && reached(progress)) {
            averages.forEach((parameter, average) -> average.copyFrom(parameter.value()));
            active = true;
        }
        long counter = byEpoch ? progress.epochs() : progress.batches();
        long interval = switch (schedule.interval) {
            case Moment.Batches(long count) -> count;
            case Moment.Epochs(long count) -> count;
            case Moment.Share ignored -> throw new IllegalStateException("checked by Schedule");
        };
        if (active && counter % interval == 0) {
            averages.forEach((parameter, average) ->
                    kernels.update().movingAverage(average, parameter.value(), schedule.smoothing));
        }
    }

    private boolean reached(Progress progress) {
        return switch (schedule.start) {
            case Moment.Batches(long count) -> progress.batches() >= count;
            case Moment.Epochs(long count) -> progress.epochs() >= count;
            case Moment.Share(double share) -> progress.batches() >= share * progress.totalBatches();
        };
    }

    /** Whether the averages have begun; before that, the training weights are the ones to sample with. */
    public boolean isActive() {
        return active;
    }

    /** Continues as active or not, for a resumed run. */
    public void resume(boolean wasActive) {
        active = wasActive;
    }

    /** The averages. */
    public Map<Parameter, Tensor> byParameter() {
        return java.util.Collections.unmodifiableMap(averages);
    }
}
