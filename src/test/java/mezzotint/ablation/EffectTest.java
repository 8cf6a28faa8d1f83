package mezzotint.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EffectTest {
    private static RunResult run(double value, boolean lower) {
        var metrics = new LinkedHashMap<String, Measure>();
        metrics.put("m", Measure.of(value, lower));
        return new RunResult(1, 1, 1, List.of(), List.of(), List.of(), metrics);
    }

    @Test
    void pairsSeedBySeed() {
        Effect effect = Effect.of(
                "m",
                Map.of(1L, run(11, true), 2L, run(23, true), 4L, run(99, true)),
                Map.of(2L, run(20, true), 1L, run(10, true), 3L, run(0, true)));
        assertEquals(List.of(1.0, 3.0), effect.differences());
        assertEquals(15, effect.reference());
        assertEquals(2, effect.mean());
        // Deviation √2 over two pairs, Student's t with one degree of freedom: 12.706 · √2/√2.
        assertEquals(12.706, effect.halfWidth(), 1e-9);
        assertEquals(Direction.SAME, effect.direction());
        assertTrue(effect.allAgree());
    }

    @Test
    void saysWhichWayIsGood() {
        List<Double> down = List.of(-1.0, -1.1, -0.9);
        assertEquals(Direction.BETTER, new Effect("m", down, 10, true).direction());
        assertEquals(Direction.WORSE, new Effect("m", down, 10, false).direction());
        assertEquals(Direction.UNKNOWN, new Effect("m", List.of(-1.0), 10, true).direction());
        assertEquals(Direction.SAME, new Effect("m", List.of(-1.0, 1.0, 0.1), 10, true).direction());
        assertFalse(new Effect("m", List.of(-1.0, 1.0), 10, true).allAgree());
        String sentence = new Effect("m", down, 10, true).sentence();
        assertTrue(sentence.startsWith("better: lower by 1.00 (-10.0 %), 95 % interval"), sentence);
        assertEquals("no pair of runs to compare", new Effect("m", List.of(), Double.NaN, true).sentence());
    }

    @Test
    void leavesOutWhatIsNoNumber() {
        Effect effect = Effect.of("m", Map.of(1L, run(Double.NaN, true)), Map.of(1L, run(1, true)));
        assertEquals(List.of(), effect.differences());
        assertTrue(Double.isNaN(effect.mean()));
    }
}
