package mezzotint.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Extent of a tensor along each axis, row-major, slowest axis first; a scalar has rank 0. */
public final class Shape {
    private final long[] dims;
    private final long elements;

    private Shape(long[] dims) {
        long product = 1;
        for (long dim : dims) {
            if (dim < 0) {
                throw new ShapeMismatchException(
                        "shape %s: expected extents of at least 0, got %d", Arrays.toString(dims), dim);
            }
            product = Math.multiplyExact(product, dim);
        }
        this.dims = dims;
        this.elements = product;
    }

    /**
     * Shape with the given extents.
     *
     * @throws ShapeMismatchException when an extent is negative
     * @throws ArithmeticException when the number of elements does not fit a long
     */
    public static Shape of(long... dims) {
        return new Shape(dims.clone());
    }

    /** Number of axes. */
    public int rank() {
        return dims.length;
    }

    /** Extent along {@code axis}; a negative axis counts from the end (−1 is the last). */
    public long dim(int axis) {
        return dims[axis < 0 ? dims.length + axis : axis];
    }

    /**
     * Extent along {@code axis} as an int; a negative axis counts from the end.
     *
     * @throws ArithmeticException when the extent does not fit an int
     */
    public int size(int axis) {
        return Math.toIntExact(dim(axis));
    }

    /** Product of all extents; 1 for a scalar. */
    public long elements() {
        return elements;
    }

    /** Product of the extents of all axes but the last; 1 for ranks 0 and 1. */
    public long rows() {
        return dims.length < 2 ? 1 : dims[dims.length - 1] == 0 ? 0 : elements / dims[dims.length - 1];
    }

    /** A copy of the extents. */
    public long[] dims() {
        return dims.clone();
    }

    /** This shape with the extent of the last axis replaced by {@code last}. */
    public Shape withLast(long last) {
        long[] copy = dims.clone();
        copy[copy.length - 1] = last;
        return new Shape(copy);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    @Override
    public String toString() {
        return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
