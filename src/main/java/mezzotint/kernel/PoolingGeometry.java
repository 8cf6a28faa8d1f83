package mezzotint.kernel;

/**
 * Windows over a picture.
 *
 * @param size side of a window, at least 1
 * @param stride step in rows and columns, at least 1
 * @param padding rows and columns outside the picture on each side, in [0, size/2]
 */
public record PoolingGeometry(int size, int stride, int padding) {
    /** @throws IllegalArgumentException when a number is out of its range */
    public PoolingGeometry {
        if (size < 1 || stride < 1 || padding < 0 || padding > size / 2) {
            throw new IllegalArgumentException(
                    "pooling: size %d, stride %d, padding %d; expected at least 1, at least 1, in [0, size/2]"
                            .formatted(size, stride, padding));
        }
    }

    /** Rows or columns of the result for so many of the picture; below 1 when no window fits. */
    public long output(long side) {
        return Math.floorDiv(side + 2L * padding - size, stride) + 1;
    }
}
