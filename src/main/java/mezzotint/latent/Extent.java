package mezzotint.latent;

import mezzotint.tensor.Shape;

/** Sizes of a picture inside a network, (B, height, width, channels) of float32. */
record Extent(long batch, long height, long width, long channels) {
    /** Of a picture (B, C, height, width). */
    static Extent ofChannelsFirst(Shape shape) {
        return new Extent(shape.dim(0), shape.dim(2), shape.dim(3), shape.dim(1));
    }

    /** Bytes of an arena, 64 at a time. */
    long bytes() {
        return padded(batch * height * width * channels * Float.BYTES);
    }

    /** Bytes of one number for every pixel. */
    long pixelBytes() {
        return withChannels(1).bytes();
    }

    Extent withChannels(long count) {
        return new Extent(batch, height, width, count);
    }

    /** The same channels on a grid {@code factor} times as fine along each side. */
    Extent finer(long factor) {
        return new Extent(batch, height * factor, width * factor, channels);
    }

    /** The same channels on a grid half as fine. */
    Extent halved() {
        return new Extent(batch, height / 2, width / 2, channels);
    }

    static long padded(long bytes) {
        return (bytes + 63) / 64 * 64;
    }
}
