package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.image.PngFile;
import mezzotint.image.RgbImage;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleCommandTest {
    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static Path run;

    @BeforeAll
    static void trainsAModel() {
        run = shared.resolve("run");
        assertEquals(0, Command.train(run, 2).status());
    }

    @Test
    void drawsAPictureThatCarriesItsParameters() {
        Path out = folder.resolve("owl.png");
        Command command = sample(
                "--out",
                out.toString(),
                "--seed",
                "7",
                "--guidance",
                "2.5",
                "--negative",
                "дождь",
                "--size",
                "24x16",
                "ein Käuzchen");
        assertEquals(0, command.status(), command.err());
        assertEquals(out + System.lineSeparator(), command.out());
        RgbImage picture = RgbImage.read(out);
        assertEquals(List.of(24, 16), List.of(picture.width(), picture.height()));
        Map<String, String> parameters = PngFile.readParameters(out);
        assertEquals("ein Käuzchen", parameters.get("prompt"));
        assertEquals("дождь", parameters.get("negative"));
        assertEquals("7", parameters.get("seed"));
        assertEquals("3", parameters.get("steps"));
        assertEquals("2.5", parameters.get("guidance"));
        assertEquals("24x16", parameters.get("size"));
    }

    @Test
    void drawsTheSamePictureForTheSameSeedWhateverElseIsDrawn() throws IOException {
        assertEquals(
                0,
                sample("--out", folder.resolve("alone").toString(), "--seed", "4", "fox")
                        .status());
        assertEquals(
                0,
                sample("--out", folder.resolve("many").toString(), "--seed", "3", "--count", "3", "owl", "fox")
                        .status());
        assertEquals(
                List.of(
                        "fox-seed-3.png",
                        "fox-seed-4.png",
                        "fox-seed-5.png",
                        "owl-seed-3.png",
                        "owl-seed-4.png",
                        "owl-seed-5.png"),
                names(folder.resolve("many")));
        assertEquals(
                RgbImage.read(folder.resolve("alone/fox.png")), RgbImage.read(folder.resolve("many/fox-seed-4.png")));
    }

    @Test
    void neverOverwritesUnlessForced() throws IOException {
        Path out = folder.resolve("owl.png");
        Files.writeString(out, "mine");
        Command refused = sample("--out", out.toString(), "owl");
        assertEquals(2, refused.status());
        assertEquals(
                List.of("mezzotint: " + out + " exists already; add --force to replace it, or choose another file"),
                refused.complaints());
        assertEquals("mine", Files.readString(out));
        assertEquals(0, sample("--out", folder.toString(), "owl").status());
        assertEquals(List.of("owl-2.png", "owl.png"), names(folder));
        assertEquals(0, sample("--out", out.toString(), "--force", "owl").status());
        assertArrayEquals(Files.readAllBytes(folder.resolve("owl-2.png")), Files.readAllBytes(out));
    }

    @Test
    void putsPromptsAndSeedsOnOneSheet() throws IOException {
        Path out = folder.resolve("sheet.png");
        assertEquals(
                0,
                sample("--sheet", "--count", "2", "--out", out.toString(), "owl", "草莓", "فراولة")
                        .status());
        RgbImage sheet = RgbImage.read(out);
        assertTrue(sheet.width() > 2 * 64 && sheet.height() > 3 * 64, sheet.toString());
        assertEquals(List.of("sheet.png"), names(folder));
    }

    @Test
    void showsTheTrajectoryBesideThePicture() throws IOException {
        assertEquals(
                0, sample("--trajectory", "--out", folder.toString(), "owl").status());
        assertEquals(List.of("owl-trajectory.png", "owl.png"), names(folder));
        RgbImage strip = RgbImage.read(folder.resolve("owl-trajectory.png"));
        assertTrue(strip.width() > 4 * 64 && strip.height() > 2 * 64, strip.toString());
        assertEquals(
                0, sample("--out", folder.resolve("again").toString(), "owl").status());
        assertEquals(RgbImage.read(folder.resolve("again/owl.png")), RgbImage.read(folder.resolve("owl.png")));
    }

    @Test
    void refusesWhatCannotBeDrawn() throws IOException {
        assertRefused(
                sample("--size", "17x16", "owl"), "--size wants multiples of this model's patch size 8, got 17x16");
        assertRefused(sample("--size", "big", "owl"), "--size wants WIDTHxHEIGHT such as 64x48, got big");
        assertRefused(sample("--count", "0", "owl"), "--count and --steps want at least 1");
        assertRefused(sample("--guidance", "NaN", "owl"), "--guidance a number");
        assertRefused(
                sample("--out", folder.resolve("a.png").toString(), "owl", "fox"), "is one file and there are several");
        assertRefused(sample("\uFFFD\uFFFD"), "did not arrive whole");
        assertEquals(List.of(), names(folder));
    }

    @Test
    void leavesNothingWhereItCannotWrite() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "here");
        assertRefused(sample("--out", file.resolve("owl.png").toString(), "owl"), "cannot write " + file);
        assertEquals(List.of("file"), names(folder));
    }

    @Test
    void namesFilesAfterPrompts() {
        assertEquals("a-strawberry", Words.fileName("A strawberry!"));
        assertEquals("草莓", Words.fileName("草莓"));
        assertEquals("etc-passwd", Words.fileName("../../etc/passwd"));
        assertEquals("picture", Words.fileName("…"));
        assertTrue(Words.fileName("x".repeat(500)).length() <= 48);
        assertFalse(Words.fileName("ab ".repeat(200)).endsWith("-"));
    }

    @Test
    void quotesForShells() {
        assertEquals("runs/a", Words.quoted(Path.of("runs", "a")));
        assertEquals("'my run'", Words.quoted("my run"));
        assertEquals("'it'\\''s'", Words.quoted("it's"));
    }

    private static void assertRefused(Command command, String part) {
        assertEquals(2, command.status(), command.err());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(command.complaints().getFirst().contains(part), command.err());
    }

    private static Command sample(String... more) {
        Stream<String> line = Stream.of("sample", "--model", run.toString(), "--steps", "3", "--threads", "1");
        return Command.run(Stream.concat(line, Arrays.stream(more)).toArray(String[]::new));
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }
}
