package mezzotint.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mezzotint.kernel.cpu.CpuMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorArenaTest {
    private final TensorArena arena = new TensorArena(CpuMemory.allocate(4096));

    @AfterEach
    void close() {
        arena.close();
    }

    @Test
    void alignsEveryTensorTo64Bytes() {
        for (int n = 1; n < 20; n++) {
            assertEquals(0, arena.allocate(n).address() % 64);
        }
    }

    @Test
    void givesTheSameAddressesAfterTheSameMark() {
        arena.allocate(5);
        long mark = arena.mark();
        long first = arena.allocate(100).address();
        long second = arena.allocate(Shape.of(7), DType.BF16).address();
        arena.release(mark);
        assertEquals(first, arena.allocate(100).address());
        assertEquals(second, arena.allocate(Shape.of(7), DType.BF16).address());
    }

    @Test
    void remembersItsPeak() {
        long mark = arena.mark();
        arena.allocate(512);
        arena.release(mark);
        arena.allocate(16);
        assertEquals(64, arena.used());
        assertEquals(2048, arena.peak());
        assertEquals(4096, arena.capacity());
    }

    @Test
    void zerosAreZeroWhateverWasThere() {
        long mark = arena.mark();
        arena.allocate(8).set(1f, 2, 3, 4, 5, 6, 7, 8);
        arena.release(mark);
        assertArrayEquals(new float[8], arena.zeros(Shape.of(8), DType.F32).toFloats());
    }

    @Test
    void saysWhatIsNeededWhenItIsFull() {
        arena.allocate(512);
        long used = arena.used();
        var thrown = assertThrows(ArenaExhaustedException.class, () -> arena.allocate(8, 65));
        assertEquals(
                "arena exhausted: tensor (8, 65) of F32 needs 2,112 bytes, 2,048 of 4,096 are in use;"
                        + " open the arena with at least 4,160 bytes or use a smaller batch",
                thrown.getMessage());
        assertEquals(used, arena.used());
        assertTrue(arena.allocate(512).byteSize() > 0);
    }

    @Test
    void refusesAMarkThatWasReleased() {
        arena.allocate(100);
        long mark = arena.mark();
        arena.release(0);
        assertThrows(IllegalArgumentException.class, () -> arena.release(mark));
        assertThrows(IllegalArgumentException.class, () -> arena.release(-1));
    }
}
