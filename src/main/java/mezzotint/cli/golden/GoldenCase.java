package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.io.Json;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;

/** A recorded case: inputs and outputs of an upstream implementation, and what has been compared with them so far. */
public final class GoldenCase implements AutoCloseable {
    /**
     * One comparison.
     *
     * @param name of the recorded tensor
     * @param error relative L2, ‖a − b‖/‖b‖, unless the case states its tolerance otherwise
     * @param tolerance largest error that passes
     */
    public record Comparison(String name, double error, double tolerance) {
        /** Whether it is within its tolerance; never for NaN. */
        public boolean passes() {
            return error <= tolerance; // false for NaN
        }

        /** The error as a share of the tolerance. */
        public double share() {
            return tolerance == 0 ? (error == 0 ? 0 : Double.POSITIVE_INFINITY) : error / tolerance;
        }
    }

    private final Path folder;
    private final JsonNode json;
    private final SafeTensors io;
    private final List<Comparison> comparisons = new ArrayList<>();

    /** Opens a case, a folder with a {@code case.json}. */
    public GoldenCase(Path folder) {
        this.folder = folder;
        this.json = Json.readObject(folder.resolve("case.json"));
        Path tensors = folder.resolve("io.safetensors");
        this.io = Files.exists(tensors) ? SafeTensors.open(tensors) : null;
    }

    Path folder() {
        return folder;
    }

    JsonNode json() {
        return json;
    }

    SafeTensor tensor(String name) {
        return io.get(name);
    }

    boolean has(String name) {
        return io.find(name).isPresent();
    }

    float[] floats(String name) {
        return io.get(name).toFloats();
    }

    /** What was compared so far. */
    public List<Comparison> comparisons() {
        return comparisons;
    }

    /** Tolerance of an output: its own, that of all, or {@code absent}. */
    double tolerance(String output, double absent) {
        JsonNode tolerances = json.path("tolerance");
        for (JsonNode node : List.of(
                tolerances.path("outputs").path(output),
                tolerances.path(output),
                tolerances.path("outputs").path(output.substring(output.indexOf('.') + 1)),
                tolerances.path("all"))) {
            for (String key : List.of("suggested_rel_l2", "suggested_rel")) {
                if (node.path(key).isNumber()) {
                    return node.path(key).doubleValue();
                }
            }
        }
        return absent;
    }

    /** Compares a result with the recorded tensor of that name. */
    void compare(String name, float[] actual, double tolerance) {
        compare(name, actual, floats(name), tolerance);
    }

    /** Compares two lists of numbers. */
    void compare(String name, float[] actual, float[] expected, double tolerance) {
        double[] wide = new double[expected.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = expected[i];
        }
        compare(name, actual, wide, tolerance);
    }

    /** Compares two lists of numbers; different lengths never pass. */
    void compare(String name, float[] actual, double[] expected, double tolerance) {
        double difference = actual.length == expected.length ? 0 : Double.NaN;
        double norm = 0;
        for (int i = 0; i < Math.min(actual.length, expected.length); i++) {
            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            norm += expected[i] * expected[i];
        }
        double error = difference == 0 ? 0 : norm == 0 ? Double.POSITIVE_INFINITY : Math.sqrt(difference / norm);
        comparisons.add(new Comparison(name, error, tolerance));
    }

    /** Compares two lists of numbers by the largest absolute difference; different lengths never pass. */
    void compareLargest(String name, double[] actual, double[] expected, double tolerance) {
        double largest = actual.length == expected.length ? 0 : Double.NaN;
        for (int i = 0; i < Math.min(actual.length, expected.length); i++) {
            largest = Math.max(largest, Math.abs(actual[i] - expected[i])); // NaN stays NaN
        }
        comparisons.add(new Comparison(name, largest, tolerance));
    }

    /** Compares what has to be equal: strings, whole numbers, verdicts. */
    void compareExactly(String name, Object actual, Object expected) {
        comparisons.add(new Comparison(name, actual.equals(expected) ? 0 : Double.POSITIVE_INFINITY, 0));
    }

    /** Compares one number. */
    void compare(String name, double actual, double expected, double tolerance) {
        double error = actual == expected ? 0 : Math.abs(actual - expected) / Math.abs(expected);
        comparisons.add(new Comparison(name, error, tolerance));
    }

    @Override
    public void close() {
        if (io != null) {
            io.close();
        }
    }
}
