package mezzotint.latent;

import java.nio.file.Path;
import mezzotint.tensor.TensorArena;

/**
 * An autoencoder on disk, as diffusers saves it: {@code config.json} and its weights, such as the folder {@code vae} of a
 * pipeline.
 */
public final class CodecFolder implements AutoCloseable {
    private CodecFolder() {}

    /** Opens a folder and reads its configuration, but not the weights. */
    public static CodecFolder open(Path folder) {
        throw new UnsupportedOperationException("not built yet");
    }

    /** Bytes of an arena that {@link #load} fills. */
    public long weightBytes() {
        throw new UnsupportedOperationException("not built yet");
    }

    /** The autoencoder, its weights frozen in {@code weights}. */
    public ImageCodec load(TensorArena weights) {
        throw new UnsupportedOperationException("not built yet");
    }

    @Override
    public void close() {}
}
