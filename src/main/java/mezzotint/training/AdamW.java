package mezzotint.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.kernel.AdamWStep;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * AdamW over all trainable parameters.
 *
 * @see Kernels.Update#adamW
 */
public final class AdamW implements Optimizer {
    /**
     * Constants of the method.
     *
     * @param beta1 in [0, 1)
     * @param beta2 in [0, 1)
     * @param eps ≥ 0; 1e-15 in every PRX run
     * @param weightDecay ≥ 0
     */
    public record Constants(double beta1, double beta2, double eps, double weightDecay) {
        /** PRX's: 0.9, 0.95, 1e-15, no decay. */
        public static final Constants PRX = new Constants(0.9, 0.95, 1e-15, 0);

        /** @throws IllegalArgumentException when a number is out of range */
        public Constants {
            if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && eps >= 0 && weightDecay >= 0)) {
                throw new IllegalArgumentException(
                        "AdamW: expected betas in [0, 1), eps and weight decay of at least 0, got betas %s and %s, eps %s, weight decay %s"
                                .formatted(beta1, beta2, eps, weightDecay));
            }
        }
    }

    private record Slot(Parameter parameter, Tensor gradient, Tensor firstMoment, Tensor secondMoment) {}

    private final Kernels kernels;
    private final Constants constants;
    private final List<Slot> slots = new ArrayList<>();
    private long steps;

    /** Moments of zero for {@code parameters}, all trainable, allocated in {@code arena}. */
    public AdamW(Kernels kernels, TensorArena arena, List<Parameter> parameters, Constants constants) {
        this.kernels = kernels;
        this.constants = constants;
        for (Parameter parameter : parameters) {
            Tensor gradient = parameter
                    .gradient()
                    .orElseThrow(() -> new IllegalArgumentException("AdamW: parameter " + parameter + " is frozen"));
            slots.add(new Slot(
                    parameter,
                    gradient,
                    arena.zeros(gradient.shape(), DType.F32),
                    arena.zeros(gradient.shape(), DType.F32)));
        }
    }

    @Override
    public void update(double learningRate, double gradientScale) {
        steps++;
        AdamWStep step = new AdamWStep(
                learningRate,
                constants.beta1,
                constants.beta2,
                constants.eps,
                constants.weightDecay,
                gradientScale,
                steps);
        for (Slot slot : slots) {
            kernels.update().adamW(slot.parameter.value(), slot.firstMoment, slot.secondMoment, slot.gradient, step);
        }
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public void resumeAt(long steps) {
        this.steps = steps;
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        for (Slot slot : slots) {
            state.put("exp_avg." + slot.parameter.name(), slot.firstMoment);
            state.put("exp_avg_sq." + slot.parameter.name(), slot.secondMoment);
        }
        return state;
    }
}
