package mezzotint.prx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import mezzotint.tensor.ShapeMismatchException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenRoutingTest {
    private static TokenRouting routing(double probability) {
        return new TokenRouting(2, 12, probability, 42, false);
    }

    /** The last lines: rounding half to even, and one token always stays. */
    @ParameterizedTest
    @CsvSource({
        "5, 0.5, 2",
        "3, 0.5, 2",
        "7, 0.5, 4",
        "1, 0.5, 0",
        "50, 0.99, 49",
        "100, 1, 99",
        "10, 0, 0",
        "64, 0.001, 1"
    })
    void routesTheShareRoundedToEvenAndKeepsOne(int tokens, double probability, int routed) {
        assertEquals(routed, routing(probability).routedOf(tokens));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 2177342782468422720",
        "10, 0, 2177342782485067970",
        "10, 1, 2177342782485067971",
        "11, 0, 2177342782486732495"
    })
    void seedsOfStepsAreUpstreams(long batch, int rank, long seed) {
        assertEquals(seed, routing(0.5).stepSeed(batch, rank));
    }

    @Property(tries = 60)
    void everyTokenIsVisibleOrRoutedOnce(
            @ForAll @IntRange(min = 1, max = 4) int batch,
            @ForAll @IntRange(min = 1, max = 70) int tokens,
            @ForAll @DoubleRange(min = 0, max = 1) double probability,
            @ForAll long seed) {
        TokenRoute route = routing(probability).route(seed, batch, tokens);
        assertEquals(batch, route.batch());
        assertEquals(tokens, route.tokens());
        for (int b = 0; b < batch; b++) {
            int[] visible = route.visible()[b];
            assertTrue(visible.length >= 1, "one stays");
            assertEquals(routing(probability).routedOf(tokens), route.routed()[b].length);
            int[] sorted = visible.clone();
            Arrays.sort(sorted);
            assertArrayEquals(sorted, visible, "visible tokens keep their order");
            boolean[] seen = new boolean[tokens];
            for (int[] part : new int[][] {visible, route.routed()[b]}) {
                for (int token : part) {
                    assertFalse(seen[token], "token " + token + " twice");
                    seen[token] = true;
                }
            }
        }
    }

    @Test
    void aStepHasOneRouteAndAnotherStepAnother() {
        TokenRoute once = routing(0.5).route(7, 4, 100);
        assertArrayEquals(once.routed(), routing(0.5).route(7, 4, 100).routed());
        assertFalse(
                Arrays.deepEquals(once.routed(), routing(0.5).route(8, 4, 100).routed()));
        assertNotEquals(Arrays.toString(once.routed()[0]), Arrays.toString(once.routed()[1]));
        assertEquals(50, once.visible()[3].length);
    }

    @Test
    void coversItsSpanOnly() {
        TokenRoute route = routing(0.5).route(1, 1, 4);
        assertFalse(route.covers(1));
        assertTrue(route.covers(2));
        assertTrue(route.covers(12));
        assertFalse(route.covers(13));
    }

    @ParameterizedTest
    @CsvSource({"3, 3, 0.5", "-1, 2, 0.5", "4, 2, 0.5", "1, 2, -0.1", "1, 2, 1.5", "1, 2, NaN"})
    void refusesNumbersOutOfRange(int first, int last, double probability) {
        var e = assertThrows(
                InvalidPrxConfigException.class, () -> new TokenRouting(first, last, probability, 0, false));
        assertTrue(e.getMessage().startsWith("PRX configuration: token routing expected "), e::getMessage);
    }

    @Test
    void aRouteNamesEveryTokenOnce() {
        var twice = assertThrows(
                ShapeMismatchException.class,
                () -> new TokenRoute(0, 1, new int[][] {{0, 1}}, new int[][] {{1}}, false));
        assertEquals("token route: row 0 does not name each of 3 tokens once", twice.getMessage());
        assertThrows(
                ShapeMismatchException.class,
                () -> new TokenRoute(0, 1, new int[][] {{0, 3}}, new int[][] {{1}}, false));
        assertThrows(ShapeMismatchException.class, () -> new TokenRoute(0, 1, new int[0][], new int[0][], false));
        assertThrows(
                ShapeMismatchException.class, () -> new TokenRoute(2, 1, new int[][] {{0}}, new int[][] {{1}}, false));
    }
}
