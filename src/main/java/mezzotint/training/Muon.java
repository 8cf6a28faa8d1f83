package mezzotint.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Parameter;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Muon for the matrices of the blocks, AdamW for all else.
 *
 * @see Kernels.Muon
 * @see NewtonSchulz
 */
public final class Muon implements Optimizer {
    private static final double MATCHED_RMS = 0.2;

    /**
     * Constants of the method.
     *
     * @param rateFactor learning rate of the matrices over that of the others, at least 0
     * @param momentum β, in [0, 1)
     * @param nesterov whether the step looks ahead of the momentum
     * @param iterations of Newton and Schulz, at least 1
     * @param rmsScale whether a step's size is 0.2·√max(rows, columns), as AdamW's would be; else √max(1, rows/columns)
     * @param weightDecay at least 0
     */
    public record Constants(
            double rateFactor,
            double momentum,
            boolean nesterov,
            int iterations,
            boolean rmsScale,
            double weightDecay) {
        /** PRX's. */
        public static final Constants PRX = new Constants(1, 0.95, true, 5, true, 0);

        /** @throws IllegalArgumentException when a number is out of range */
        public Constants {
            if (!(rateFactor >= 0 && momentum >= 0 && momentum < 1 && iterations >= 1 && weightDecay >= 0)) {
                throw new IllegalArgumentException(
                        ("Muon: expected momentum in [0, 1), at least one iteration, rate factor and weight decay of at"
                                        + " least 0, got %s, %d, %s and %s")
                                .formatted(momentum, iterations, rateFactor, weightDecay));
            }
        }

        double scale(long rows, long columns) {
            return rmsScale
                    ? MATCHED_RMS * Math.sqrt(Math.max(rows, columns))
                    : Math.sqrt(Math.max(1.0, (double) rows / columns));
        }
    }

    private record Slot(Parameter parameter, Tensor gradient, Tensor momentum) {}

    private final Kernels kernels;
    private final TensorArena scratch;
    private final Constants constants;
    private final List<Slot> slots = new ArrayList<>();
    private final AdamW others;

    /**
     * Momenta of zero.
     *
     * @param arenas where momenta go, and scratch that is free whenever {@link #update} is called
     * @param parameters all trainable
     * @param adam of the parameters that are no matrices of blocks; PRX has eps 1e-8 here
     */
    public Muon(Kernels kernels, Arenas arenas, List<Parameter> parameters, Constants constants, AdamW.Constants adam) {
        this.kernels = kernels;
        this.scratch = arenas.scratch;
        this.constants = constants;
        List<Parameter> rest = new ArrayList<>();
        for (Parameter parameter : parameters) {
            if (takes(parameter)) {
                Tensor gradient = parameter
                        .gradient()
                        .orElseThrow(() -> new IllegalArgumentException("Muon: parameter " + parameter + " is frozen"));
                slots.add(new Slot(parameter, gradient, arenas.state.zeros(gradient.shape(), DType.F32)));
            } else {
                rest.add(parameter);
            }
        }
        others = new AdamW(kernels, arenas.state, rest, adam);
    }

    /**
     * Where its tensors go.
     *
     * @param state momenta and moments
     * @param scratch five matrices of the largest parameter's size, within a step
     */
    public record Arenas(TensorArena state, TensorArena scratch) {}

    /** Whether a parameter is Muon's: a matrix with {@code blocks} in its name. */
    public static boolean takes(Parameter parameter) {
        return parameter.value().shape().rank() == 2 && parameter.name().contains("blocks");
    }

    @Override
    public void update(double learningRate, double gradientScale) {
        double rate = learningRate * constants.rateFactor;
        for (Slot slot : slots) {
            Tensor value = slot.parameter.value();
            long mark = scratch.mark();
            Tensor update = scratch.allocate(value.shape(), DType.F32);
            kernels.muon()
                    .momentum(
                            update,
                            slot.momentum,
                            slot.gradient,
                            constants.momentum,
                            constants.nesterov,
                            gradientScale);
            Tensor direction = NewtonSchulz.orthogonalize(kernels, scratch, update, constants.iterations);
            double scale = constants.scale(value.shape().dim(0), value.shape().dim(1));
            kernels.muon().step(value, direction, rate, scale, constants.weightDecay);
            scratch.release(mark);
        }
        others.update(learningRate, gradientScale);
    }

    @Override
    public long steps() {
        return others.steps();
    }

    @Override
    public void resumeAt(long steps) {
        others.resumeAt(steps);
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        slots.forEach(slot -> state.put("momentum_buffer." + slot.parameter.name(), slot.momentum));
        state.putAll(others.state());
        return state;
    }
}
