package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Loops that exist once a vector width, because C2 wants the species to be a constant of the class. */
final class VectorTwinsTest {
    @ParameterizedTest
    @ValueSource(strings = {"NormRows", "AttentionLoops"})
    void differInTheSpeciesAlone(String name) throws IOException {
        assertEquals(code(name + "512").replace("512", "256"), code(name + "256"));
    }

    /** From the class on: the comments above it name the other twin. */
    private static String code(String type) throws IOException {
        String source = Files.readString(Path.of("src/main/java/mezzotint/kernel/cpu", type + ".java"));
        return source.substring(source.indexOf("final class")).replaceAll("\\s+", " ");
    }
}
