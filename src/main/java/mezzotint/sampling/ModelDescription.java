package mezzotint.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig;
import mezzotint.text.TextEncoder;

/**
 * A model but for its weights.
 *
 * @param config of the denoiser
 * @param text its text encoder
 * @param prediction what the denoiser predicts
 * @param noiseScale standard deviation of the noise at t = 1
 * @param shift of the sampling grid
 * @param imageSize side of the pictures it was trained on, in pixels
 * @param codec folder of the autoencoder whose latents it denoises; empty for one of pixels
 */
public record ModelDescription(
        PrxConfig config,
        TextModule text,
        Prediction prediction,
        float noiseScale,
        TimeShift shift,
        int imageSize,
        Optional<Path> codec) {

    /** The same with its autoencoder in another folder. */
    public ModelDescription withCodec(Path folder) {
        return new ModelDescription(config, text, prediction, noiseScale, shift, imageSize, Optional.of(folder));
    }

    /** A model of pixels. */
    public ModelDescription(
            PrxConfig config,
            TextModule text,
            Prediction prediction,
            float noiseScale,
            TimeShift shift,
            int imageSize) {
        this(config, text, prediction, noiseScale, shift, imageSize, Optional.empty());
    }

    /**
     * A text encoder but for its weights.
     *
     * @param name such as {@code bytes}
     * @param settings written into {@code text_encoder/config.json}
     * @param make makes it, with its weights among the given parameters
     */
    public record TextModule(String name, JsonNode settings, Function<Parameters, TextEncoder> make) {}
}
