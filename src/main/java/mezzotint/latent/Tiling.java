package mezzotint.latent;

/**
 * How large pictures are cut: overlapping square tiles, each run by itself, blended linearly where they overlap.
 *
 * @param side of a tile in latent cells, at least 1; pictures up to this size are not cut
 * @param stride from tile to tile in latent cells, in [side/2, side]
 */
public record Tiling(int side, int stride) {
    /** @throws InvalidCodecConfigException when a number is out of its range */
    public Tiling {
        if (side < 1) {
            throw new InvalidCodecConfigException("tile side", "at least 1 latent cell", side);
        }
        if (stride < 1 || stride > side || 2L * stride < side) { // more than two tiles over each other are not blended
            throw new InvalidCodecConfigException(
                    "tile stride", "between half and all of the side of %d latent cells".formatted(side), stride);
        }
    }

    /**
     * Tiles as diffusers cuts them.
     *
     * @param pixels side of a tile in pixels, {@code tile_sample_min_size}
     * @param ratio of the codec
     * @param overlap share of a tile that the next one covers again, in [0, 0.5], {@code tile_overlap_factor}
     */
    public static Tiling ofPixels(int pixels, int ratio, double overlap) {
        int side = pixels / ratio;
        return new Tiling(side, (int) (side * (1 - overlap)));
    }

    /** Latent cells that neighbouring tiles share. */
    public int overlap() {
        return side - stride;
    }

    /** Whether latents of these sides are cut. */
    public boolean cuts(long height, long width) {
        return height > side || width > side;
    }
}
