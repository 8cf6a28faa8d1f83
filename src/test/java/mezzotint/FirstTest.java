package mezzotint;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.Test;

class FirstTest {
    @Test
    void runsOnJava25() {
        assertTrue(Runtime.version().feature() >= 25);
    }
}
