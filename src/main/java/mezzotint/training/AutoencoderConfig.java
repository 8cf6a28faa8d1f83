package mezzotint.training;

/**
 * How a small autoencoder is trained.
 *
 * @param ratio pixels along a side of a latent cell: 2, 4 or 8
 * @param channels of the latents, at least 1
 * @param imageSize side of the pictures in pixels, a multiple of the ratio
 * @param steps of the optimizer, at least 1
 * @param batchSize at least 1
 * @param learningRate at the start, falling to a hundredth as a cosine
 * @param divergenceWeight of the latents' divergence from a standard normal
 * @param seed of weights, order and noise
 */
public record AutoencoderConfig(
        int ratio,
        int channels,
        int imageSize,
        long steps,
        int batchSize,
        double learningRate,
        float divergenceWeight,
        long seed) {
    /** @throws InvalidTrainingConfigException when a number is out of its range */
    public AutoencoderConfig {
        InvalidTrainingConfigException.require(
                ratio == 2 || ratio == 4 || ratio == 8, "autoencoder ratio", "2, 4 or 8", ratio);
        InvalidTrainingConfigException.require(channels > 0, "autoencoder channels", "at least 1", channels);
        InvalidTrainingConfigException.require(
                imageSize > 0 && imageSize % ratio == 0, "autoencoder size", "a multiple of " + ratio, imageSize);
        InvalidTrainingConfigException.require(steps > 0, "autoencoder steps", "at least 1", steps);
        InvalidTrainingConfigException.require(batchSize > 0, "autoencoder batch", "at least 1", batchSize);
        InvalidTrainingConfigException.require(learningRate > 0, "autoencoder learning rate", "above 0", learningRate);
        InvalidTrainingConfigException.require(
                divergenceWeight >= 0 && Float.isFinite(divergenceWeight),
                "autoencoder divergence weight",
                "at least 0",
                divergenceWeight);
    }
}
