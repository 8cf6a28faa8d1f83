package mezzotint.evaluation;

import java.util.List;

/**
 * What an encoder says of each picture of a set.
 *
 * @param rows N, pictures
 * @param width D, numbers a picture
 * @param values (N, D), row-major; not copied, so leave it alone afterwards
 */
public record Features(int rows, int width, float[] values) {
    /** @throws IllegalArgumentException unless there are N·D values, D ≥ 1, and all are finite */
    public Features {
        if (rows < 0 || width < 1 || values.length != (long) rows * width) {
            throw new IllegalArgumentException(
                    "features: expected (%d, %d) values, got %d".formatted(rows, width, values.length));
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "features: expected finite numbers, got %s for picture %d, feature %d"
                                .formatted(values[i], i / width, i % width));
            }
        }
    }

    /**
     * Several sets, one after the other.
     *
     * @throws IllegalArgumentException when there are none or their widths differ
     */
    public static Features concatenated(List<Features> parts) {
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("features: expected at least one part");
        }
        int width = parts.getFirst().width;
        int rows = 0;
        for (Features part : parts) {
            requireSameWidth(parts.getFirst(), part);
            rows = Math.addExact(rows, part.rows);
        }
        float[] values = new float[Math.multiplyExact(rows, width)];
        int at = 0;
        for (Features part : parts) {
            System.arraycopy(part.values, 0, values, at, part.values.length);
            at += part.values.length;
        }
        return new Features(rows, width, values);
    }

    /** The rows with those indices, in that order. */
    public Features chosen(int[] indices) {
        float[] some = new float[Math.multiplyExact(indices.length, width)];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(values, indices[i] * width, some, i * width, width);
        }
        return new Features(indices.length, width, some);
    }

    /** Each row divided by its length, as CMMD and DINO-MMD want it: x / (‖x‖₂ + 10⁻¹²). */
    public Features normalised() {
        float[] unit = new float[values.length];
        for (int row = 0; row < rows; row++) {
            double squares = 0;
            for (int i = 0; i < width; i++) {
                float x = values[row * width + i];
                squares += (double) x * x;
            }
            double length = Math.sqrt(squares) + 1e-12;
            for (int i = 0; i < width; i++) {
                unit[row * width + i] = (float) (values[row * width + i] / length);
            }
        }
        return new Features(rows, width, unit);
    }

    static void requireSameWidth(Features x, Features y) {
        if (x.width != y.width) {
            throw new IllegalArgumentException(
                    "features: expected two sets of one encoder, got widths %d and %d".formatted(x.width, y.width));
        }
    }

    static void requireRows(String metric, int least, Features x, Features y) {
        requireSameWidth(x, y);
        if (x.rows < least || y.rows < least) {
            throw new IllegalArgumentException("%s: expected at least %d pictures in each set, got %d and %d"
                    .formatted(metric, least, x.rows, y.rows));
        }
    }
}
