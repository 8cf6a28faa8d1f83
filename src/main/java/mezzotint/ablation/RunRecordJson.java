package mezzotint.ablation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import mezzotint.ablation.RunRecord.Failed;
import mezzotint.ablation.RunRecord.Finished;
import mezzotint.ablation.RunRecord.Planned;
import mezzotint.ablation.RunRecord.Provenance;

/** Records and results as JSON. A figure that is no number is null there, which JSON has and NaN it has not. */
public final class RunRecordJson {
    private RunRecordJson() {}

    static ObjectNode write(RunRecord record) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("variant", record.key().variant());
        node.put("seed", record.key().seed());
        switch (record) {
            case Planned planned -> {
                node.put("event", "planned");
                planned.expectation().ifPresent(expected -> {
                    ObjectNode expectation = node.putObject("expectation");
                    expectation.put("direction", expected.direction().word());
                    expectation.put("because", expected.because());
                });
            }
            case Finished finished -> {
                node.put("event", "finished");
                node.set("result", write(finished.result()));
            }
            case Failed failed -> {
                node.put("event", "failed");
                node.put("reason", failed.reason());
            }
        }
        Provenance from = record.provenance();
        node.put("commit", from.commit());
        node.put("config", from.configHash());
        node.set("change", from.change());
        node.put("machine", from.machine());
        node.put("time", from.time());
        return node;
    }

    /** A result, as a run's own process hands it on. */
    public static ObjectNode write(RunResult result) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("seconds", result.seconds());
        node.put("pictures", result.pictures());
        node.put("pictures_per_second", result.throughput());
        node.put("peak_mebibytes", result.peakMebibytes());
        numbers(node.putArray("loss"), result.curve());
        ArrayNode steps = node.putArray("loss_steps");
        result.curveSteps().forEach(steps::add);
        numbers(node.putArray("loss_by_time"), result.lossByTime());
        ObjectNode metrics = node.putObject("metrics");
        result.metrics().forEach((name, measure) -> {
            ObjectNode metric = metrics.putObject(name);
            put(metric, "value", measure.value());
            put(metric, "low", measure.low());
            put(metric, "high", measure.high());
            metric.put("better", measure.lowerIsBetter() ? "lower" : "higher");
        });
        return node;
    }

    static RunRecord read(JsonNode node) {
        RunKey key = new RunKey(text(node, "variant"), require(node, "seed").longValue());
        Provenance from = new Provenance(
                text(node, "commit"),
                text(node, "config"),
                (ObjectNode) require(node, "change"),
                text(node, "machine"),
                text(node, "time"));
        return switch (text(node, "event")) {
            case "planned" -> new Planned(key, from, expectation(node.path("expectation")));
            case "finished" -> new Finished(key, from, readResult(require(node, "result")));
            case "failed" -> new Failed(key, from, text(node, "reason"));
            default ->
                throw new IllegalArgumentException(
                        "event: expected planned, finished or failed, got " + node.path("event"));
        };
    }

    private static Optional<Expectation> expectation(JsonNode node) {
        if (node.isMissingNode()) {
            return Optional.empty();
        }
        String word = text(node, "direction");
        Direction direction = Arrays.stream(Direction.values())
                .filter(d -> d.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("direction: got " + word));
        return Optional.of(new Expectation(direction, text(node, "because")));
    }

    /**
     * Reads what {@link #write(RunResult)} wrote.
     *
     * @throws IllegalArgumentException when a key is missing
     */
    public static RunResult readResult(JsonNode node) {
        List<Long> steps = new ArrayList<>();
        require(node, "loss_steps").forEach(step -> steps.add(step.longValue()));
        SequencedMap<String, Measure> metrics = new LinkedHashMap<>();
        require(node, "metrics")
                .properties()
                .forEach(metric -> metrics.put(
                        metric.getKey(),
                        new Measure(
                                number(require(metric.getValue(), "value")),
                                number(require(metric.getValue(), "low")),
                                number(require(metric.getValue(), "high")),
                                text(metric.getValue(), "better").equals("lower"))));
        return new RunResult(
                require(node, "seconds").doubleValue(),
                require(node, "pictures").longValue(),
                require(node, "peak_mebibytes").doubleValue(),
                numbers(require(node, "loss")),
                steps,
                numbers(require(node, "loss_by_time")),
                metrics);
    }

    private static void numbers(ArrayNode array, List<Double> values) {
        values.forEach(value -> {
            if (Double.isFinite(value)) {
                array.add(value);
            } else {
                array.addNull();
            }
        });
    }

    private static List<Double> numbers(JsonNode array) {
        List<Double> values = new ArrayList<>();
        array.forEach(value -> values.add(number(value)));
        return values;
    }

    private static void put(ObjectNode node, String key, double value) {
        if (Double.isFinite(value)) {
            node.put(key, value);
        } else {
            node.putNull(key);
        }
    }

    private static double number(JsonNode node) {
        return node.isNull() ? Double.NaN : node.doubleValue();
    }

    private static String text(JsonNode node, String key) {
        return require(node, key).asText();
    }

    private static JsonNode require(JsonNode node, String key) {
        JsonNode value = node.path(key);
        if (value.isMissingNode()) {
            throw new IllegalArgumentException("key " + key + " is missing");
        }
        return value;
    }
}
