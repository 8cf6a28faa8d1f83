package mezzotint.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.ablation.TensorBoardEvents;
import mezzotint.io.AtomicFiles;
import mezzotint.io.FileReadException;

/**
 * How a run's loss went, out of its log.
 *
 * @param means of stretches of steps
 * @param lastSteps last step of each
 * @param lossByTime of the last stretch
 * @param seconds of all steps
 * @param steps the log's lines
 */
record StepCurve(
        List<Double> means, List<Long> lastSteps, List<Double> lossByTime, double seconds, List<JsonNode> steps) {
    private static final int STRETCHES = 40;
    private static final JsonMapper JSON = new JsonMapper();

    /** Reads {@code log.jsonl}, a line a step. */
    static StepCurve read(Path log) {
        List<JsonNode> steps = lines(log);
        int stretch = Math.max(1, steps.size() / STRETCHES);
        List<Double> means = new ArrayList<>();
        List<Long> lasts = new ArrayList<>();
        double seconds = 0;
        double sum = 0;
        int count = 0;
        for (JsonNode step : steps) {
            sum += step.path("loss").asDouble(Double.NaN);
            seconds += step.path("seconds").asDouble();
            count++;
            if (count == stretch) {
                means.add(sum / count);
                lasts.add(step.path("step").asLong());
                sum = 0;
                count = 0;
            }
        }
        List<Double> byTime = new ArrayList<>();
        if (!steps.isEmpty()) {
            steps.getLast().path("loss_by_time").forEach(loss -> byTime.add(loss.asDouble(Double.NaN)));
        }
        return new StepCurve(means, lasts, byTime, seconds, steps);
    }

    /**
     * Writes the log's numbers for TensorBoard.
     *
     * @param began in seconds since 1970
     */
    void writeEvents(Path file, double began) {
        TensorBoardEvents events = new TensorBoardEvents(began);
        double at = began;
        for (JsonNode step : steps) {
            at += step.path("seconds").asDouble();
            for (String number : List.of("loss", "gradient_norm", "learning_rate")) {
                if (step.path(number).isNumber()) {
                    events.scalar(
                            at,
                            step.path("step").asLong(),
                            number,
                            step.path(number).doubleValue());
                }
            }
        }
        AtomicFiles.write(file, out -> out.write(events.toBytes()));
    }

    private static List<JsonNode> lines(Path log) {
        List<JsonNode> steps = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(log)) {
                steps.add(JSON.readTree(line));
            }
        } catch (JsonProcessingException e) {
            // A torn last line, of a run that was killed: the steps before it count.
            return steps;
        } catch (IOException e) {
            throw FileReadException.of(log, e);
        }
        return steps;
    }
}
