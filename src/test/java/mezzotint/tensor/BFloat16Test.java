package mezzotint.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

final class BFloat16Test {
    @Example
    void widensAndNarrowsEveryPatternToItself() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = BFloat16.toFloat((short) bits);
            if (Float.isNaN(value)) {
                assertEquals((short) 0x7fff, BFloat16.fromFloat(value));
            } else {
                assertEquals((short) bits, BFloat16.fromFloat(value));
            }
        }
    }

    @Example
    void roundsTiesToEven() {
        assertEquals(0x1.00p0f, round(0x1.01p0f));
        assertEquals(0x1.04p0f, round(0x1.03p0f));
        assertEquals(0x1.02p0f, round(0x1.010002p0f));
        assertEquals(Float.POSITIVE_INFINITY, round(Float.MAX_VALUE));
        assertEquals(-0f, round(-Float.MIN_VALUE));
    }

    @Property
    void isTheNearest(@ForAll float value) {
        float rounded = round(value);
        if (Float.isInfinite(rounded)) {
            assertTrue(Math.abs(value) > 0x1.fep127f);
            return;
        }
        float below = BFloat16.toFloat((short) (BFloat16.fromFloat(value) - 1));
        float above = BFloat16.toFloat((short) (BFloat16.fromFloat(value) + 1));
        for (float other : new float[] {below, above}) {
            if (Float.isFinite(other)) {
                assertTrue(distance(value, rounded).compareTo(distance(value, other)) <= 0);
            }
        }
    }

    private static float round(float value) {
        return BFloat16.toFloat(BFloat16.fromFloat(value));
    }

    private static BigDecimal distance(float a, float b) {
        return new BigDecimal(a).subtract(new BigDecimal(b)).abs();
    }
}
