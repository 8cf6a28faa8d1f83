package mezzotint.sampling;

import java.util.Optional;
import mezzotint.image.Resampling;
import mezzotint.image.RgbImage;

/**
 * The picture that a path begins with, at the size it is drawn at.
 *
 * @param picture resized
 * @param drawn (height, width), 1 = drawn, 0 = kept; empty to draw all
 * @param firstStep of the grid
 */
record StartPicture(RgbImage picture, Optional<float[]> drawn, int firstStep) {
    private static final int HALF = 128;

    /** The picture of a request; empty when it starts with noise alone. */
    static Optional<StartPicture> of(SamplingRequest request) {
        return of(request.settings(), request.canvas().height(), request.canvas().width());
    }

    /** The picture of a request, at another size than the request's. */
    static Optional<StartPicture> of(SamplingSettings settings, int height, int width) {
        return switch (settings.start()) {
            case Start.Noise() -> Optional.empty();
            case Start.Picture start -> Optional.of(new StartPicture(
                    start.picture().resized(width, height, Resampling.LANCZOS),
                    start.mask().map(mask -> drawn(mask.resized(width, height, Resampling.BOX))),
                    start.firstStep(settings.grid().steps())));
        };
    }

    /** 1 where the mask is at least half white: a region half kept would be neither. */
    private static float[] drawn(RgbImage mask) {
        float[] drawn = new float[mask.height() * mask.width()];
        for (int i = 0; i < drawn.length; i++) {
            int rgb = mask.pixel(i % mask.width(), i / mask.width());
            int grey = ((rgb >> 16 & 0xff) + (rgb >> 8 & 0xff) + (rgb & 0xff)) / 3;
            drawn[i] = grey >= HALF ? 1 : 0;
        }
        return drawn;
    }

    /** (3, height, width) in [−1, 1]. */
    float[] pixels() {
        return picture.toSignedFloats();
    }

    /**
     * The mask on a coarser grid: 1 where any pixel of a cell is drawn, so that no drawn pixel lies under a kept cell.
     *
     * @param cell side of a cell in pixels
     */
    Optional<float[]> drawnCells(int cell) {
        int width = picture.width() / cell;
        return drawn.map(pixels -> {
            float[] cells = new float[pixels.length / (cell * cell)];
            for (int i = 0; i < pixels.length; i++) {
                int x = i % picture.width() / cell;
                int y = i / picture.width() / cell;
                cells[y * width + x] = Math.max(cells[y * width + x], pixels[i]);
            }
            return cells;
        });
    }
}
