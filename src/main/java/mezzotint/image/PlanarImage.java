package mezzotint.image;

import java.util.Objects;

/**
 * Float planes of one size: the channels of a picture, or of several, one after the other.
 *
 * @param values (planes, height, width), row-major; not copied
 */
public record PlanarImage(int planes, int height, int width, float[] values) {

    /** Checks the sizes. */
    public PlanarImage {
        if (planes < 1 || height < 1 || width < 1 || values.length != (long) planes * height * width) {
            throw new IllegalArgumentException("%d planes of %d×%d have %d values, got %d"
                    .formatted(planes, width, height, (long) planes * height * width, values.length));
        }
    }

    /** The picture's channels as {@code v / 255}: (3, height, width) in [0, 1]. */
    public static PlanarImage of(RgbImage image) {
        byte[] rgb = image.toBytes();
        int plane = image.width() * image.height();
        float[] values = new float[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            values[i % 3 * plane + i / 3] = (rgb[i] & 0xff) / 255f;
        }
        return new PlanarImage(3, image.height(), image.width(), values);
    }

    /**
     * Every plane at another size.
     *
     * @param height rows, ≥ 1
     * @param width columns, ≥ 1
     */
    public PlanarImage resized(int height, int width, Interpolation interpolation) {
        return resized(
                ResampleTaps.toSize(interpolation, this.height, height),
                ResampleTaps.toSize(interpolation, this.width, width));
    }

    /**
     * Every plane resampled.
     *
     * @param rows for a source of {@link #height} samples
     * @param columns for a source of {@link #width} samples
     * @throws IllegalArgumentException if they are for another size
     */
    public PlanarImage resized(ResampleTaps rows, ResampleTaps columns) {
        if (rows.sourceSize() != height || columns.sourceSize() != width) {
            throw new IllegalArgumentException("the taps resize pictures of %d×%d, this one is %d×%d; make them for it"
                    .formatted(columns.sourceSize(), rows.sourceSize(), width, height));
        }
        float[] wide = columns.isIdentity() ? values : alongRows(columns);
        return new PlanarImage(
                planes,
                rows.size(),
                columns.size(),
                rows.isIdentity() ? wide : alongColumns(wide, rows, columns.size()));
    }

    private float[] alongRows(ResampleTaps columns) {
        int to = columns.size();
        float[] out = new float[Math.multiplyExact(planes * height, to)];
        for (int row = 0; row < planes * height; row++) {
            for (int j = 0; j < to; j++) {
                int from = row * width + columns.start(j);
                float sum = 0;
                for (int k = 0; k < columns.taps(); k++) {
                    sum += columns.weight(j, k) * values[from + k];
                }
                out[row * to + j] = sum;
            }
        }
        return out;
    }

    private float[] alongColumns(float[] wide, ResampleTaps rows, int width) {
        int to = rows.size();
        float[] out = new float[Math.multiplyExact(planes * to, width)];
        for (int row = 0; row < planes * to; row++) {
            int plane = row / to;
            int i = row % to;
            for (int k = 0; k < rows.taps(); k++) {
                float weight = rows.weight(i, k);
                int from = (plane * height + rows.start(i) + k) * width;
                for (int j = 0; weight != 0 && j < width; j++) {
                    out[row * width + j] += weight * wide[from + j];
                }
            }
        }
        return out;
    }

    /**
     * The planes at {@code height} × {@code width} without distortion: resized (bilinear, not antialiased) until both sides are
     * covered, then cut around the middle; as they are if that is their size. What diffusers does after sampling in an
     * aspect-ratio bin.
     *
     * <p>Where rounding down leaves a resized side one short of the wanted one, diffusers returns a wrong size; this takes the
     * wanted one.
     *
     * @param height rows, ≥ 1
     * @param width columns, ≥ 1
     */
    public PlanarImage resizedAndCropped(int height, int width) {
        if (height == this.height && width == this.width) {
            return this;
        }
        double ratio = Math.max((double) height / this.height, (double) width / this.width);
        return resized(covering(this.height, height, ratio), covering(this.width, width, ratio));
    }

    private static ResampleTaps covering(int from, int to, double ratio) {
        int resized = Math.max(to, (int) (from * ratio));
        return ResampleTaps.toSize(Interpolation.BILINEAR, from, resized).range((resized - to) / 2, to);
    }

    /**
     * {@code count} planes from {@code from} on.
     *
     * @throws IndexOutOfBoundsException if there are not so many
     */
    public PlanarImage planes(int from, int count) {
        Objects.checkFromIndexSize(from, count, planes);
        int plane = height * width;
        return new PlanarImage(
                count, height, width, java.util.Arrays.copyOfRange(values, from * plane, (from + count) * plane));
    }
}
