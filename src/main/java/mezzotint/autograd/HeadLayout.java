package mezzotint.autograd;

import mezzotint.tensor.ShapeMismatchException;

/**
 * Where the heads of a query, key or value lie in a fused projection.
 *
 * @param column first column
 * @param heads H
 * @param width d, columns per head
 */
public record HeadLayout(int column, int heads, int width) {
    /** @throws ShapeMismatchException when a number is out of range */
    public HeadLayout {
        if (column < 0 || heads < 1 || width < 1) {
            throw new ShapeMismatchException("heads: column %d, %d heads of %d columns", column, heads, width);
        }
    }
}
