package mezzotint.image;

/** How a picture becomes what a network is scored on: the part that published scores depend on most and say least about. */
public enum PicturePreparation {
    /** Resized to the square, bilinear, antialiased; its shape is not kept. torchmetrics' FID. */
    ANTIALIASED {
        @Override
        PlanarImage resized(RgbImage picture, int side) {
            return PlanarImage.of(picture).resized(side, side, Interpolation.BILINEAR_ANTIALIASED);
        }
    },
    /** Resized to the square as TensorFlow 1 did, which aliases; its shape is not kept. The first FID. */
    TENSORFLOW1 {
        @Override
        PlanarImage resized(RgbImage picture, int side) {
            return PlanarImage.of(picture).resized(side, side, Interpolation.BILINEAR_TENSORFLOW1);
        }
    },
    /** Resized to the square, bicubic, not antialiased; its shape is not kept. PRX's DINO-MMD. */
    BICUBIC {
        @Override
        PlanarImage resized(RgbImage picture, int side) {
            return PlanarImage.of(picture).resized(side, side, Interpolation.BICUBIC);
        }
    },
    /** The shorter side resized in bytes as Pillow does, bicubic, antialiased, then the square in the middle. CLIP, CMMD. */
    SHORTER_SIDE_THEN_CROP {
        @Override
        PlanarImage resized(RgbImage picture, int side) {
            return PlanarImage.of(
                    picture.withShorterSide(side, Resampling.BICUBIC).centreCropped(side, side));
        }
    };

    abstract PlanarImage resized(RgbImage picture, int side);

    /**
     * What the network sees: (3, side, side), normalised.
     *
     * @param side pixels, ≥ 1
     */
    public PlanarImage apply(RgbImage picture, int side, ImageNormalization normalization) {
        return normalization.apply(resized(picture, side));
    }
}
