package mezzotint.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngFileTest {
    private static final RgbImage IMAGE = RgbImage.of(2, 1, new byte[] {1, 2, 3, 4, 5, 6});

    @TempDir
    Path folder;

    @Property
    void parametersOfAnyScriptComeBack(@ForAll("texts") Map<String, String> parameters) {
        byte[] png = PngFile.encode(IMAGE, parameters);
        assertEquals(parameters, PngFile.parameters(png, "memory"));
        assertEquals(IMAGE, RgbImage.decode(png, "memory"));
    }

    @Provide
    Arbitrary<Map<String, String>> texts() {
        Arbitrary<String> names = Arbitraries.strings()
                .withCharRange('!', '~')
                .ofMinLength(1)
                .ofMaxLength(79);
        Arbitrary<Integer> codePoints = Arbitraries.oneOf(
                Arbitraries.integers().between(1, 0x7f),
                Arbitraries.integers().between(0x80, 0xd7ff),
                Arbitraries.integers().between(0xe000, 0x10ffff));
        Arbitrary<String> values = codePoints
                .list()
                .ofMaxSize(40)
                .map(list -> list.stream().collect(StringBuilder::new, StringBuilder::appendCodePoint, (a, b) -> {})
                        .toString());
        return Arbitraries.maps(names, values).ofMaxSize(6);
    }

    @Test
    void writesAndReadsAFile() {
        Path file = folder.resolve("new/folder/strawberry.png");
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("prompt", "一颗草莓 🍓 / فراولة\nstrawberry");
        parameters.put("seed", "42");
        PngFile.write(file, IMAGE, parameters);
        assertEquals(List.copyOf(parameters.entrySet()),
                List.copyOf(PngFile.readParameters(file).entrySet()));
        assertEquals(IMAGE, RgbImage.read(file));
    }

    @Test
    void readsEveryKindOfTextChunk() {
        assertEquals(
                Map.of("seed", "7", "prompt", "草莓 🍓", "note", "packed ".repeat(20)),
                PngFile.parameters(ImageReadingTest.bytes("by-pillow.png"), "by-pillow.png"));
    }

    @Test
    void findsNoParametersInAPlainPng() {
        assertTrue(PngFile.parameters(ImageReadingTest.bytes("grey.png"), "grey.png").isEmpty());
    }

    @Test
    void refusesWhatPngTextCannotHold() {
        for (String name : List.of("", " seed", "a  b", "größe", "x".repeat(80), "a\nb")) {
            assertThrows(IllegalArgumentException.class, () -> PngFile.encode(IMAGE, Map.of(name, "v")), name);
        }
        for (String value : List.of("a\0b", "\ud83c", "\udf53\ud83c")) {
            assertThrows(IllegalArgumentException.class, () -> PngFile.encode(IMAGE, Map.of("prompt", value)));
        }
    }

    @Test
    void refusesToReadParametersOfNoPng() throws Exception {
        Path text = Files.writeString(folder.resolve("x.png"), "text");
        assertThrows(UnreadableImageException.class, () -> PngFile.readParameters(text));
        assertThrows(UnreadableImageException.class, () -> PngFile.readParameters(folder.resolve("missing.png")));
    }

    @Test
    void leavesNothingBehindWhenItCannotWrite() throws Exception {
        Path taken = Files.createDirectories(folder.resolve("taken.png/inside")).getParent();
        assertThrows(UncheckedIOException.class, () -> PngFile.write(taken, IMAGE, Map.of()));
        try (var left = Files.list(folder)) {
            assertEquals(List.of(taken), left.toList());
        }
    }

    @Test
    void replacesAnOlderFile() throws Exception {
        Path file = folder.resolve("x.png");
        Files.writeString(file, "older");
        PngFile.write(file, IMAGE, Map.of());
        assertArrayEquals(PngFile.encode(IMAGE, Map.of()), Files.readAllBytes(file));
        assertFalse(Files.exists(folder.resolve(".x.png.part")));
    }
}
