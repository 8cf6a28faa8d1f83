package mezzotint.text;

import java.nio.file.Path;
import java.util.function.Consumer;
import mezzotint.kernel.Device;
import mezzotint.nn.Parameters;

/**
 * What an encoder may need to be opened; see {@link TextEncoders#open}.
 *
 * @param device where a frozen encoder runs
 * @param parameters scope for the parameters of a trained one
 * @param bytes sizes of the byte encoder
 * @param cache the user's cache folder, for converted models
 * @param maxTokens frozen encoders cut prompts to it, ≥ 2
 * @param progress told how far the conversion of a downloaded model has come
 */
public record TextEncoderSetup(
        Device device,
        Parameters parameters,
        ByteTextEncoder.Config bytes,
        Path cache,
        int maxTokens,
        Consumer<ConversionProgress> progress) {}
