package mezzotint.ablation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import mezzotint.io.FileReadException;
import mezzotint.io.FileWriteException;

/**
 * A file with a line of JSON a record; lines are only ever added, so failures and first attempts stay.
 *
 * <p>A last line that a crash tore is left out when reading and cut off before the next is added.
 */
public final class RunRecords {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;

    /** The records in {@code file}, which need not exist yet. */
    public RunRecords(Path file) {
        this.file = file;
    }

    /**
     * All records, oldest first.
     *
     * @throws InvalidLogbookException where a whole line is no record
     * @throws FileReadException where the file cannot be read
     */
    public List<RunRecord> read() {
        List<RunRecord> records = new ArrayList<>();
        String text = text();
        int number = 0;
        for (int from = 0; from < text.length(); ) {
            int end = text.indexOf('\n', from);
            if (end < 0) {
                break; // torn
            }
            number++;
            try {
                JsonNode node = JSON.readTree(text.substring(from, end));
                records.add(RunRecordJson.read(node));
            } catch (JsonProcessingException | IllegalArgumentException e) {
                throw new InvalidLogbookException(
                        "%s, line %d is no record of a run: %s".formatted(file, number, e.getMessage()), e);
            }
            from = end + 1;
        }
        return records;
    }

    private String text() {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
    }

    /**
     * Adds a record and waits until it is on the disk.
     *
     * @throws FileWriteException where the file system refuses
     */
    public void add(RunRecord record) {
        String whole = text();
        long length = whole.substring(0, whole.lastIndexOf('\n') + 1).getBytes(StandardCharsets.UTF_8).length;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(length);
            ByteBuffer line = ByteBuffer.wrap(
                    (JSON.writeValueAsString(RunRecordJson.write(record)) + "\n").getBytes(StandardCharsets.UTF_8));
            channel.position(length);
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.force(true);
        } catch (IOException e) {
            throw FileWriteException.of(file, e);
        }
    }
}
