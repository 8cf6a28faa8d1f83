package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mezzotint.image.PngFile;
import mezzotint.image.RgbImage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
    private static final String GOLDEN = "src/test/resources/golden/";

    @TempDir
    Path folder;

    @BeforeEach
    void drawsTwoSets() throws IOException {
        for (String set : List.of("real", "drawn")) {
            Path into = Files.createDirectory(folder.resolve(set));
            for (int i = 0; i < 4; i++) {
                int colour = set.equals("real") ? 0x203040 * (i + 1) : 0x0f0e0d * (i + 3);
                PngFile.write(into.resolve(i + ".png"), RgbImage.filled(20 + i, 30, colour), Map.of());
            }
        }
    }

    private Command evaluate(String reference, String generated, String encoder, String... more) {
        List<String> line = new ArrayList<>(List.of(
                "evaluate",
                "--reference",
                folder.resolve(reference).toString(),
                "--generated",
                folder.resolve(generated).toString(),
                "--encoder",
                encoder,
                "--cache",
                folder.resolve("cache").toString(),
                "--threads",
                "1"));
        line.addAll(List.of(more));
        return Command.run(line.toArray(String[]::new));
    }

    @Test
    void printsTheScoresOfTheEncoderWithIntervalsAndWarnings() throws IOException {
        Command dino = evaluate("real", "drawn", GOLDEN + "vision_dinov2/encoder", "--bootstrap", "20");
        assertEquals(0, dino.status(), dino.err());
        List<String> lines = dino.out().lines().toList();
        assertEquals(2, lines.size(), dino.out());
        String number = "-?\\d+(\\.\\d+)?(e[+-]\\d+)?";
        String row = "  %s  \\(%s to %s\\)  4 reference, 4 generated".formatted(number, number, number);
        assertTrue(lines.get(0).matches("DINO-MMD" + row), dino.out());
        assertTrue(lines.get(1).matches("FD-DINO " + row), dino.out());
        assertEquals(2, dino.err().lines().filter(line -> line.contains("of 4")).count(), dino.err());
        Command again = evaluate("real", "drawn", GOLDEN + "vision_dinov2/encoder", "--bootstrap", "20");
        assertEquals(dino.out(), again.out(), "from the cache");
        Command other = evaluate("real", "drawn", GOLDEN + "vision_dinov2/encoder", "--bootstrap", "20", "--seed", "1");
        assertNotEquals(dino.out(), other.out());
    }

    @Test
    void aSetIsNextToItself() throws IOException {
        Command clip = evaluate("real", "real", GOLDEN + "vision_clip/encoder", "--bootstrap", "0");
        assertEquals(0, clip.status(), clip.err());
        String value = clip.out().split(" +")[1];
        assertTrue(clip.out().startsWith("CMMD  "), clip.out());
        assertEquals(0, Double.parseDouble(value), 1e-9);
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        assertRefused(
                evaluate("real", "drawn", "no-such"),
                "--encoder no-such is neither a folder nor one of inception-mixed5");
        assertRefused(
                evaluate("real", "none", GOLDEN + "vision_clip/encoder"),
                "none: is no folder; expected one with pictures");
        assertRefused(
                evaluate("real", "drawn", GOLDEN + "vision_clip/encoder", "--bootstrap", "1"),
                "--bootstrap wants 0 or at least 2 samples, got 1");
        assertRefused(
                evaluate("real", "drawn", GOLDEN + "vision_clip/encoder", "--level", "95"),
                "--level wants a number between 0 and 1, got 95.0");
        assertRefused(evaluate("real", "drawn", folder.resolve("real").toString()), "config.json");
        Path one = Files.createDirectory(folder.resolve("one"));
        PngFile.write(one.resolve("a.png"), RgbImage.filled(2, 2, 1), Map.of());
        assertRefused(
                evaluate("one", "drawn", GOLDEN + "vision_clip/encoder"),
                "scores want at least 2 pictures in each folder, got 1 and 4");
    }

    private static void assertRefused(Command command, String part) {
        assertEquals(2, command.status(), command.err());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(command.complaints().getFirst().contains(part), command.err());
    }
}
