package mezzotint.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mezzotint.io.AtomicFiles;
import mezzotint.io.FileReadException;
import mezzotint.io.FileWriteException;
import mezzotint.training.StepReport;

/** A file with a line of JSON a step. */
final class StepLog implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final FileChannel channel;

    private StepLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** A new log; an older one is emptied. */
    static StepLog start(Path file) {
        return open(file, StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** Goes on with a log after {@code step} steps: lines of later steps, and a torn last one, are cut off. */
    static StepLog resume(Path file, long step) {
        if (Files.exists(file)) {
            try (Stream<String> lines = Files.lines(file)) {
                String kept = lines.takeWhile(line -> isUpTo(line, step))
                        .map(line -> line + "\n")
                        .collect(Collectors.joining());
                AtomicFiles.writeString(file, kept);
            } catch (IOException e) {
                throw FileReadException.of(file, e);
            }
        }
        return open(file, StandardOpenOption.APPEND);
    }

    private static StepLog open(Path file, StandardOpenOption how) {
        try {
            return new StepLog(
                    file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how));
        } catch (IOException e) {
            throw FileWriteException.of(file, e);
        }
    }

    private static boolean isUpTo(String line, long step) {
        try {
            JsonNode json = JSON.readTree(line);
            return json.path("step").isIntegralNumber() && json.path("step").asLong() <= step;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    /**
     * Adds a step.
     *
     * @throws FileWriteException where the file system refuses; the line is then not there in part
     */
    void add(StepReport report) {
        ByteBuffer line = ByteBuffer.wrap((json(report) + "\n").getBytes(StandardCharsets.UTF_8));
        long before = -1;
        try {
            before = channel.position();
            while (line.hasRemaining()) {
                channel.write(line);
            }
        } catch (IOException e) {
            cutTo(before);
            throw FileWriteException.of(file, e);
        }
    }

    private void cutTo(long size) {
        try {
            if (size >= 0) {
                channel.truncate(size);
            }
        } catch (IOException ignored) {
            // resume() cuts a torn line off
        }
    }

    private static String json(StepReport report) {
        ObjectNode json = JSON.createObjectNode();
        json.put("step", report.step());
        json.put("loss", report.loss());
        var bins = json.putArray("loss_by_time");
        for (double loss : report.lossByTime()) {
            if (Double.isNaN(loss)) {
                bins.addNull();
            } else {
                bins.add(loss);
            }
        }
        json.put("gradient_norm", report.gradientNorm());
        json.put("learning_rate", report.learningRate());
        json.put("seconds", report.seconds());
        json.put("pictures", report.pictures());
        return json.toString();
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw FileWriteException.of(file, e);
        }
    }
}
