package mezzotint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import mezzotint.autograd.Parameter;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParametersTest {
    private final Tensors tensors = new Tensors(32 << 20);

    @AfterEach
    void free() {
        tensors.close();
    }

    private Parameters parameters(long seed) {
        return new Parameters(tensors.arena(), new PhiloxRandom(seed));
    }

    /** Tensors that could come from a file. */
    private record Stored(Map<String, Shape> shapes) implements NamedTensors {
        @Override
        public Set<String> names() {
            return shapes.keySet();
        }

        @Override
        public Shape shape(String name) {
            return shapes.get(name);
        }

        @Override
        public float[] values(String name) {
            float[] values = new float[Math.toIntExact(shape(name).elements())];
            Arrays.fill(values, 7);
            return values;
        }

        @Override
        public String toString() {
            return "weights.safetensors";
        }
    }

    private static Map<String, Shape> shapes(Parameters parameters) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        parameters.all().forEach(p -> shapes.put(p.name(), p.value().shape()));
        return shapes;
    }

    private static Parameters model(Parameters parameters) {
        parameters.add("a.weight", Initialization.linear(3), 2, 3);
        parameters.scope("b").add("weight", Initialization.ones(), 4);
        return parameters;
    }

    @Test
    void anotherModuleLeavesTheOthersAsTheyWere() {
        Parameters alone = parameters(5);
        alone.add("b", Initialization.linear(4), 10);
        Parameters together = parameters(5);
        together.add("a", Initialization.linear(4), 999);
        together.scope("x").add("b", Initialization.linear(4), 10);
        together.add("b", Initialization.linear(4), 10);
        assertArrayEquals(
                alone.get("b").value().toFloats(), together.get("b").value().toFloats());
        assertFalse(Arrays.equals(
                together.get("b").value().toFloats(),
                together.get("x.b").value().toFloats()));
        Parameters otherSeed = parameters(6);
        otherSeed.add("b", Initialization.linear(4), 10);
        assertFalse(Arrays.equals(
                alone.get("b").value().toFloats(), otherSeed.get("b").value().toFloats()));
    }

    /** 10,000 draws: mean within 5 standard errors, variance within 10%, which is 7 of its standard errors. */
    @Test
    void firstValuesHaveTheirDistribution() {
        Parameters parameters = parameters(1);
        float[] uniform =
                parameters.add("u", Initialization.linear(16), 100, 100).value().toFloats();
        assertMoments(uniform, 0.25 * 0.25 / 3);
        for (float value : uniform) {
            assertTrue(value >= -0.25f && value < 0.25f, () -> "outside 1/√16: " + value);
        }
        assertMoments(
                parameters
                        .add("n", new Initialization.Normal(3), 10_000)
                        .value()
                        .toFloats(),
                9);
        assertArrayEquals(
                new float[] {0, 0},
                parameters.add("z", Initialization.zeros(), 2).value().toFloats());
        assertArrayEquals(
                new float[] {1, 1},
                parameters.add("o", Initialization.ones(), 2).value().toFloats());
        assertArrayEquals(
                new float[100 * 100],
                parameters.get("u").gradient().orElseThrow().toFloats());
    }

    private static void assertMoments(float[] values, double variance) {
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += (double) value * value;
        }
        double mean = sum / values.length;
        assertTrue(Math.abs(mean) <= 5 * Math.sqrt(variance / values.length), "mean " + mean);
        assertTrue(Math.abs(squares / values.length / variance - 1) <= 0.1, "variance " + squares / values.length);
    }

    @Test
    void keepsTheOrderAndTheNamesOfScopes() {
        Parameters parameters = model(parameters(1));
        assertEquals("[a.weight(2, 3), b.weight(4)]", parameters.all().toString());
        assertEquals("b.weight(4)", parameters.scope("b").get("weight").toString());
        assertEquals(10, parameters.elements());
        assertEquals(parameters.all(), parameters.trainable());
        var unknown = assertThrows(
                IllegalArgumentException.class, () -> parameters.scope("b").get("bias"));
        assertEquals("no parameter is called b.bias", unknown.getMessage());
        var twice = assertThrows(IllegalArgumentException.class, () -> model(parameters));
        assertEquals("parameter a.weight exists already", twice.getMessage());
    }

    @Test
    void frozenOnesHaveNoGradients() {
        Parameters parameters = model(Parameters.frozen(tensors.arena()));
        assertTrue(parameters.trainable().isEmpty());
        assertTrue(parameters.get("a.weight").gradient().isEmpty());
        parameters.zeroGradients();
    }

    @Test
    void gradientsAreSetToZero() {
        Parameters parameters = model(parameters(1));
        Parameter weight = parameters.get("b.weight");
        weight.gradient().orElseThrow().set(1f, 2f, 3f, 4f);
        parameters.zeroGradients();
        assertArrayEquals(new float[4], weight.gradient().orElseThrow().toFloats());
    }

    @Test
    void loadsAll() {
        Parameters parameters = model(parameters(1));
        parameters.load(new Stored(shapes(parameters)));
        assertArrayEquals(
                new float[] {7, 7, 7, 7}, parameters.get("b.weight").value().toFloats());
        assertArrayEquals(
                new float[] {7, 7, 7, 7, 7, 7},
                parameters.get("a.weight").value().toFloats());
    }

    @Test
    void loadsNothingOfTensorsThatDoNotFit() {
        Parameters parameters = model(parameters(1));
        float[] before = parameters.get("a.weight").value().toFloats();
        Map<String, Shape> missing = shapes(parameters);
        missing.remove("b.weight");
        assertRefused(
                parameters,
                missing,
                "weights.safetensors does not fit the model in 1 of 2 tensors: missing b.weight(4)");
        Map<String, Shape> unknown = shapes(parameters);
        unknown.put("c", Shape.of(1));
        assertRefused(parameters, unknown, "weights.safetensors does not fit the model in 1 of 2 tensors: unknown c");
        Map<String, Shape> misshapen = shapes(parameters);
        misshapen.put("b.weight", Shape.of(2, 2));
        assertRefused(
                parameters,
                misshapen,
                "weights.safetensors does not fit the model in 1 of 2 tensors:" + " b.weight expected (4), got (2, 2)");
        assertRefused(parameters, Map.of("c", Shape.of(1), "d", Shape.of(1)), null);
        assertArrayEquals(before, parameters.get("a.weight").value().toFloats());
        assertArrayEquals(
                new float[] {1, 1, 1, 1}, parameters.get("b.weight").value().toFloats());
    }

    private static void assertRefused(Parameters parameters, Map<String, Shape> shapes, String message) {
        var e = assertThrows(ShapeMismatchException.class, () -> parameters.load(new Stored(shapes)));
        if (message == null) {
            assertTrue(e.getMessage().endsWith("; …"), e::getMessage); // three are named of four
        } else {
            assertEquals(message, e.getMessage());
        }
    }
}
