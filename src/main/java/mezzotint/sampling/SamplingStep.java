package mezzotint.sampling;

import mezzotint.tensor.Tensor;

/**
 * What a listener sees after every step; the tensors are only valid during the call.
 *
 * @param index 0 for the first step
 * @param steps number of steps
 * @param time t at which the network was asked
 * @param noised x_t before the step, (B, C, height, width)
 * @param clean the clean picture predicted at t, x̂₀, (B, C, height, width)
 * @param next x after the step, (B, C, height, width)
 */
public record SamplingStep(int index, int steps, float time, Tensor noised, Tensor clean, Tensor next) {}
