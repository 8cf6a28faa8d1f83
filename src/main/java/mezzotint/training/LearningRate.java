package mezzotint.training;

import java.util.List;

/** The learning rate as a function of the batch index, 0 for the first; all but {@link Constant} start with a warm-up. */
public sealed interface LearningRate {
    /** The rate of the step that processes batch {@code index} ≥ 0. */
    double at(long index);

    /** Always the same. */
    record Constant(double rate) implements LearningRate {
        @Override
        public double at(long index) {
            return rate;
        }
    }

    /**
     * Linear from 0 over the warm-up, so that the very first step has rate 0; then multiplied by {@code gamma} from every
     * milestone on.
     *
     * @param base rate after the warm-up
     * @param warmup batches, 0 for none; 1000 in every PRX run
     * @param milestones batch indices, counted from batch 0, ascending
     * @param gamma factor at a milestone
     */
    record MultiStepWithWarmup(double base, long warmup, List<Long> milestones, double gamma) implements LearningRate {
        @Override
        public double at(long index) {
            if (index < warmup) {
                return base * index / warmup;
            }
            long passed = milestones.stream().filter(m -> index >= m).count();
            return base * Math.pow(gamma, passed);
        }
    }

    /**
     * Linear from 0 over the warm-up, then half a cosine down to {@code last}.
     *
     * @param base rate after the warm-up
     * @param warmup batches
     * @param total batches of the whole run
     * @param last rate at the end
     * @see <a href="https://arxiv.org/abs/1608.03983">Loshchilov and Hutter 2016, eq. 5, one period</a>
     */
    record CosineWithWarmup(double base, long warmup, long total, double last) implements LearningRate {
        @Override
        public double at(long index) {
            if (index < warmup) {
                return base * (index + 1) / warmup;
            }
            double progress = Math.min(1.0, (index - warmup) / (double) Math.max(1, total - warmup));
            return last + (base - last) * 0.5 * (1 + Math.cos(Math.PI * progress));
        }
    }
}
