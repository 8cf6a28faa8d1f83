package mezzotint.training;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import mezzotint.io.Json;

/** Checkpoints that are whole by their manifest and yet not what a trainer wrote. */
final class Damage {
    private Damage() {}

    /** A copy whose state has 0 for one of its numbers. */
    static Path copyWithout(Path checkpoint, Path target, String number) {
        try (Stream<Path> all = Files.walk(checkpoint)) {
            for (Path path : all.toList()) {
                Files.copy(path, target.resolve(checkpoint.relativize(path).toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ObjectNode state = (ObjectNode) Json.readObject(target.resolve(Checkpoint.STATE));
        (state.has(number) ? state : (ObjectNode) state.path("loader")).put(number, 0);
        Json.write(target.resolve(Checkpoint.STATE), state);
        Checkpoint.seal(target);
        return target;
    }
}
