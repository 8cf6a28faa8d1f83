package mezzotint.kernel;

/**
 * How a convolution moves over a picture.
 *
 * @param stride step in rows and columns, at least 1
 * @param top rows of zeros above the picture, at least 0; the other three sides alike
 * @param groups channels in and out fall into so many groups that do not see each other, at least 1
 */
public record ConvolutionGeometry(int stride, int top, int left, int bottom, int right, int groups) {
    /** @throws IllegalArgumentException when a number is out of its range */
    public ConvolutionGeometry {
        if (stride < 1 || groups < 1 || Math.min(Math.min(top, bottom), Math.min(left, right)) < 0) {
            throw new IllegalArgumentException(
                    "convolution: stride %d, padding %d %d %d %d, groups %d; expected at least 1, 0 0 0 0, 1"
                            .formatted(stride, top, left, bottom, right, groups));
        }
    }

    /** The same padding on all four sides, one group. */
    public static ConvolutionGeometry padded(int stride, int padding) {
        return new ConvolutionGeometry(stride, padding, padding, padding, padding, 1);
    }

    /** The same with other groups. */
    public ConvolutionGeometry withGroups(int count) {
        return new ConvolutionGeometry(stride, top, left, bottom, right, count);
    }

    /** Rows of the result for a picture of {@code height} rows and a kernel of {@code kernel}; below 1 when it does not fit. */
    public long outputHeight(long height, long kernel) {
        return Math.floorDiv(height + top + bottom - kernel, stride) + 1;
    }

    /** Columns of the result, like {@link #outputHeight}. */
    public long outputWidth(long width, long kernel) {
        return Math.floorDiv(width + left + right - kernel, stride) + 1;
    }
}
