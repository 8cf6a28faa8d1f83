package mezzotint.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void countsItsElementsAndRows() {
        Shape shape = Shape.of(2, 3, 4);
        assertEquals(3, shape.rank());
        assertEquals(24, shape.elements());
        assertEquals(6, shape.rows());
        assertEquals("(2, 3, 4)", shape.toString());
    }

    @Test
    void countsFromTheEndWithNegativeAxes() {
        Shape shape = Shape.of(2, 3, 4);
        assertEquals(4, shape.dim(-1));
        assertEquals(2, shape.size(-3));
        assertEquals(3, shape.size(1));
    }

    @Test
    void aScalarHasOneElement() {
        assertEquals(1, Shape.of().elements());
        assertEquals(1, Shape.of().rows());
        assertEquals(1, Shape.of(7).rows());
    }

    @Test
    void mayBeEmpty() {
        assertEquals(0, Shape.of(3, 0).elements());
        assertEquals(0, Shape.of(3, 0).rows());
    }

    @Test
    void isAValue() {
        assertEquals(Shape.of(2, 3), Shape.of(2, 3));
        assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
        assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
        assertEquals(Shape.of(2, 5), Shape.of(2, 3).withLast(5));
    }

    @Test
    void keepsItsExtentsToItself() {
        long[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.dims()[1] = 9;
        assertArrayEquals(new long[] {2, 3}, shape.dims());
    }

    @Test
    void refusesWhatIsNoShape() {
        var thrown = assertThrows(ShapeMismatchException.class, () -> Shape.of(2, -1));
        assertEquals("shape [2, -1]: expected extents of at least 0, got -1", thrown.getMessage());
        assertThrows(ArithmeticException.class, () -> Shape.of(1L << 40, 1L << 40));
        assertThrows(ArithmeticException.class, () -> Shape.of(1L << 40).size(0));
    }
}
