package mezzotint.sampling;

import mezzotint.tensor.Tensor;

/** Looks on while pictures are drawn, and may end it; tensors are only valid during a call. */
@FunctionalInterface
public interface SamplingListener {
    /** Nobody. */
    SamplingListener NONE = step -> {};

    /** A step has been taken. */
    void step(SamplingStep step);

    /**
     * The network has answered, before guidance is applied.
     *
     * @param time t that it was told
     * @param outputs (B, …), or (2B, …) with guidance: those for the negative prompts, then those for the prompts
     */
    default void answered(float time, Tensor outputs) {}

    /** Whether to stop; asked before every question to the network. */
    default boolean isCancelled() {
        return false;
    }
}
