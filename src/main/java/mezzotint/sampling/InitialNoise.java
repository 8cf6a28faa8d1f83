package mezzotint.sampling;

/** Where the noise at t = 1 comes from, before it is multiplied by the model's noise scale. */
public sealed interface InitialNoise {
    /** Philox, from each picture's own seed: the same on every device. */
    record Philox() implements InitialNoise {}

    /** PyTorch's CPU generator, one for each picture's seed: what diffusers draws for a list of generators. */
    record TorchPerPicture() implements InitialNoise {}

    /** PyTorch's CPU generator, one for all pictures, of the first one's seed: what diffusers draws for one generator. */
    record TorchTogether() implements InitialNoise {}

    /**
     * Numbers of the caller's, taken as they are: no noise scale is applied.
     *
     * @param values (B, C, height, width) of the denoised tensor, row-major; not to be changed afterwards
     */
    record Given(float[] values) implements InitialNoise {}
}
