package mezzotint.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class NearestNameTest {
    @Test
    void isTheOneWithTheFewestEdits() {
        assertEquals("batch_size", NearestName.of("batchsize", List.of("steps", "batch_size", "seed")));
        assertEquals("seed", NearestName.of("sed", List.of("steps", "batch_size", "seed")));
    }

    @Test
    void mayBeUnfinished() {
        assertEquals("bert-multi", NearestName.of("bert", List.of("bytes", "bert-multi")));
    }

    @Test
    void isTheFirstOfSeveral() {
        assertEquals("ab", NearestName.of("a", List.of("ab", "ac")));
    }

    @Test
    void wantsANameToChooseFrom() {
        assertThrows(NoSuchElementException.class, () -> NearestName.of("a", List.of()));
    }
}
