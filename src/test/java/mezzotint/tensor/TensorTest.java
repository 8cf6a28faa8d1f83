package mezzotint.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.cpu.CpuMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorTest {
    private final TensorArena arena = new TensorArena(CpuMemory.allocate(1 << 16));

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void givesBackWhatWasSet() {
        Tensor tensor = arena.allocate(2, 2).set(1, 2, 3, 4.5f);
        assertArrayEquals(new float[] {1, 2, 3, 4.5f}, tensor.toFloats());
        assertEquals(16, tensor.byteSize());
        assertEquals("Tensor(2, 2) F32", tensor.toString());
    }

    @Test
    void roundsToBFloat16() {
        Tensor tensor = arena.allocate(Shape.of(2), DType.BF16).set(0x1.01p0f, -2);
        assertArrayEquals(new float[] {1, -2}, tensor.toFloats());
    }

    @Test
    void aViewSharesMemoryAndRoot() {
        Tensor tensor = arena.allocate(3, 4).set(0f, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        Tensor view = tensor.view(4, 3);
        Tensor rows = view.rows(1, 3);
        assertSame(tensor, rows.root());
        assertEquals(3, rows.rootOffset());
        assertEquals(Shape.of(2, 3), rows.shape());
        assertEquals(tensor.address() + 12, rows.address());
        rows.set(-1f, -2, -3, -4, -5, -6);
        assertArrayEquals(new float[] {0, 1, 2, -1, -2, -3, -4, -5, -6, 9, 10, 11}, tensor.toFloats());
    }

    @Test
    void findsTheSamePartOfItsGradient() {
        Tensor value = arena.allocate(Shape.of(4, 2), DType.BF16);
        Tensor gradient = arena.allocate(4, 2).set(0f, 1, 2, 3, 4, 5, 6, 7);
        Tensor part = value.rows(1, 3).view(4).sameViewOf(gradient);
        assertArrayEquals(new float[] {2, 3, 4, 5}, part.toFloats());
        assertSame(gradient, part.root());
    }

    @Test
    void zeroClearsNoMoreThanItself() {
        Tensor tensor = arena.allocate(4).set(1f, 2, 3, 4);
        tensor.rows(1, 3).zero();
        assertArrayEquals(new float[] {1, 0, 0, 4}, tensor.toFloats());
    }

    @Test
    void copiesFromItsLike() {
        Tensor source = arena.allocate(3).set(1f, 2, 3);
        assertArrayEquals(source.toFloats(), arena.allocate(3).copyFrom(source).toFloats());
        var thrown = assertThrows(
                ShapeMismatchException.class, () -> arena.allocate(4).copyFrom(source));
        assertEquals("copyFrom: tensor (4) of F32, got (3) of F32", thrown.getMessage());
    }

    @Test
    void holdsWholeNumbersAndTruths() {
        int[] index = new int[3];
        arena.allocate(Shape.of(3), DType.I32).set(5, -6, 7).read(MemorySegment.ofArray(index));
        assertArrayEquals(new int[] {5, -6, 7}, index);
        byte[] mask = new byte[2];
        arena.allocate(Shape.of(2), DType.BOOL).set(true, false).read(MemorySegment.ofArray(mask));
        assertArrayEquals(new byte[] {1, 0}, mask);
    }

    @Test
    void itemNeedsExactlyOneElement() {
        assertEquals(2.5f, arena.allocate(1, 1).set(2.5f).item());
        assertThrows(ShapeMismatchException.class, () -> arena.allocate(2).item());
        assertThrows(
                ShapeMismatchException.class,
                () -> arena.allocate(Shape.of(1), DType.I32).item());
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor tensor = arena.allocate(2, 3);
        var thrown = assertThrows(ShapeMismatchException.class, () -> tensor.set(1, 2f));
        assertEquals("tensor (2, 3) has 6 elements, got 2", thrown.getMessage());
        assertThrows(ShapeMismatchException.class, () -> tensor.view(7));
        assertThrows(ShapeMismatchException.class, () -> tensor.rows(1, 3));
        assertThrows(ShapeMismatchException.class, () -> tensor.rows(-1, 1));
        assertThrows(ShapeMismatchException.class, () -> tensor.write(MemorySegment.ofArray(new float[5])));
        assertThrows(ShapeMismatchException.class, () -> tensor.read(MemorySegment.ofArray(new float[7])));
        try (var memory = CpuMemory.allocate(64)) {
            assertThrows(ShapeMismatchException.class, () -> new Tensor(memory, 60, Shape.of(2), DType.F32));
        }
    }

    @Test
    void refusesFloatsInAWholeNumberTensor() {
        Tensor index = arena.allocate(Shape.of(2), DType.I32);
        assertThrows(ShapeMismatchException.class, index::toFloats);
        assertThrows(ShapeMismatchException.class, () -> index.set(1f, 2f));
        assertThrows(ShapeMismatchException.class, () -> arena.allocate(2).set(new int[] {1, 2}));
    }
}
