package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * Turns pictures into the tensors that are denoised, and back.
 *
 * <p>Pictures are (B, 3, height, width) in [−1, 1], sides multiples of {@link #ratio}. Latents are (B, {@link #channels},
 * height/ratio, width/ratio), those of the autoencoder; a denoiser sees them {@linkplain LatentScale#scaled scaled}.
 *
 * <pre>
 * x₀      = codec.scale().scaled(tape, codec.encode(tape, pictures))
 * picture = codec.decode(tape, codec.scale().unscaled(tape, x₀))
 * </pre>
 *
 * Results live as long as the tape. On a tape that does not record, activations are freed as early as they can be, samples are
 * run one by one, and large pictures in tiles.
 */
public interface ImageCodec {
    /** Pixels along a side of a latent cell, at least 1. */
    int ratio();

    /** C, channels of the latents. */
    int channels();

    /** From latents to what a denoiser sees. */
    LatentScale scale();

    /**
     * The latents of pictures; of an autoencoder with a posterior, its mode.
     *
     * @param pictures (B, 3, height, width) in [−1, 1]
     * @return (B, C, height/ratio, width/ratio)
     * @throws ShapeMismatchException when the pictures do not fit
     */
    Tensor encode(Tape tape, Tensor pictures);

    /**
     * A draw from the posterior of pictures; of an autoencoder without one, the same as {@link #encode(Tape, Tensor)}.
     *
     * @param pictures (B, 3, height, width) in [−1, 1]
     * @param noise standard normal, (B, C, height/ratio, width/ratio)
     * @return of the shape of the noise
     * @throws ShapeMismatchException when pictures or noise do not fit
     */
    Tensor encode(Tape tape, Tensor pictures, Tensor noise);

    /**
     * The pictures of latents, near [−1, 1] and not clamped.
     *
     * @param latents (B, C, h, w), not scaled
     * @return (B, 3, h·ratio, w·ratio)
     * @throws ShapeMismatchException when the latents do not fit
     */
    Tensor decode(Tape tape, Tensor latents);

    /**
     * Bytes that {@link #decode} takes from the activations of a tape that does not record, its result included.
     *
     * @param pictures shape of the result, (B, 3, height, width)
     */
    long decodeBytes(Shape pictures);

    /**
     * Bytes that {@link #encode} takes from the activations of a tape that does not record, its result included.
     *
     * @param pictures shape of the pictures, (B, 3, height, width)
     */
    long encodeBytes(Shape pictures);

    /**
     * The shape of the latents of pictures.
     *
     * @param pictures (B, 3, height, width)
     * @throws ShapeMismatchException when they are no pictures, or a side is no multiple of {@link #ratio}
     */
    default Shape latentShape(Shape pictures) {
        if (pictures.rank() != 4
                || pictures.dim(1) != 3
                || pictures.dim(2) < 1
                || pictures.dim(3) < 1
                || pictures.dim(2) % ratio() != 0
                || pictures.dim(3) % ratio() != 0) {
            throw new ShapeMismatchException(
                    "encode: pictures %s, expected (B, 3, height, width) with sides that are multiples of %d",
                    pictures, ratio());
        }
        return Shape.of(pictures.dim(0), channels(), pictures.dim(2) / ratio(), pictures.dim(3) / ratio());
    }

    /**
     * The shape of the pictures of latents.
     *
     * @param latents (B, C, h, w)
     * @throws ShapeMismatchException when they are no latents of this codec
     */
    default Shape pictureShape(Shape latents) {
        if (latents.rank() != 4 || latents.dim(1) != channels() || latents.dim(2) < 1 || latents.dim(3) < 1) {
            throw new ShapeMismatchException("decode: latents %s, expected (B, %d, h, w)", latents, channels());
        }
        return Shape.of(latents.dim(0), 3, latents.dim(2) * ratio(), latents.dim(3) * ratio());
    }
}
