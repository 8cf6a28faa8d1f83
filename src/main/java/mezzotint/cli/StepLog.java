package mezzotint.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
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
    private final long after;
    private Optional<FileChannel> channel = Optional.empty();

    /**
     * A log that goes on after {@code after} steps: lines of later steps, and a torn last one, are cut off. The file is not
     * touched before the first line.
     */
    StepLog(Path file, long after) {
        this.file = file;
        this.after = after;
    }

    private FileChannel opened() throws IOException {
        if (channel.isEmpty()) {
            boolean goesOn = after > 0 && Files.exists(file);
            if (goesOn) {
                cut();
            }
            channel = Optional.of(FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    goesOn ? StandardOpenOption.APPEND : StandardOpenOption.TRUNCATE_EXISTING));
        }
        return channel.get();
    }

    private void cut() {
        try (Stream<String> lines = Files.lines(file)) {
            String kept = lines.takeWhile(line -> isUpTo(line, after))
                    .map(line -> line + "\n")
                    .collect(Collectors.joining());
            AtomicFiles.writeString(file, kept);
        } catch (IOException | UncheckedIOException e) {
            throw new FileReadException(file, "it is no log of a run; move it away");
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
        try {
            FileChannel open = opened();
            long before = open.position();
            try {
                while (line.hasRemaining()) {
                    open.write(line);
                }
            } catch (IOException e) {
                cutTo(open, before);
                throw e;
            }
        } catch (IOException e) {
            throw FileWriteException.of(file, e);
        }
    }

    private static void cutTo(FileChannel channel, long size) {
        try {
            channel.truncate(size);
        } catch (IOException ignored) {
            // whoever goes on with the log cuts a torn line off
        }
    }

    private static String json(StepReport report) {
        ObjectNode json = JSON.createObjectNode();
        json.put("step", report.step());
        putNumber(json, "loss", report.loss());
        var bins = json.putArray("loss_by_time");
        for (double loss : report.lossByTime()) {
            if (Double.isNaN(loss)) {
                bins.addNull();
            } else {
                bins.add(loss);
            }
        }
        if (report.parts().size() > 1) {
            ObjectNode parts = json.putObject("parts");
            report.parts().forEach((name, value) -> putNumber(parts, name, value));
        }
        putNumber(json, "gradient_norm", report.gradientNorm());
        json.put("learning_rate", report.learningRate());
        json.put("seconds", report.seconds());
        json.put("pictures", report.pictures());
        if (!report.taken()) {
            json.put("skipped", report.skipped());
        }
        return json.toString();
    }

    /** JSON has no word for what is no number. */
    private static void putNumber(ObjectNode json, String name, double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        } else {
            json.putNull(name);
        }
    }

    @Override
    public void close() {
        try {
            if (channel.isPresent()) {
                channel.get().close();
            }
        } catch (IOException e) {
            throw FileWriteException.of(file, e);
        }
    }
}
