package mezzotint.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mezzotint.image.PngFile;
import mezzotint.image.RgbImage;
import mezzotint.image.UnreadableImageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
    @TempDir
    Path folder;

    @Test
    void readsTextFilesBesidePictures() throws Exception {
        picture("b.png", 2);
        write("b.txt", "\ufeffa bee\r\n\r\n  une abeille  \n");
        picture("a/c.PNG", 1);
        write("a/c.txt", "sea");
        write("readme.md", "not a picture");
        List<CaptionedImage> images = ImageFolder.read(folder);
        assertEquals(
                List.of("a/c.PNG", "b.png"),
                images.stream().map(CaptionedImage::id).toList());
        assertEquals(
                Map.of("und", List.of("a bee", "une abeille")), images.get(1).captions());
        assertEquals(RgbImage.filled(1, 1, 2), images.get(1).picture().load());
    }

    @Test
    void readsCaptionLines() throws Exception {
        picture("x/a.png", 1);
        picture("b.png", 2);
        write("any.jsonl", """
            {"file": "x/a.png", "captions": {"en": "a", "zh": ["甲", "第一"]}, "more": 1}

            {"file_name": "b.png", "text": "bee"}
            """);
        List<CaptionedImage> images = ImageFolder.read(folder);
        assertEquals(
                Map.of("en", List.of("a"), "zh", List.of("甲", "第一")),
                images.get(0).captions());
        assertEquals(Map.of("und", List.of("bee")), images.get(1).captions());
        assertEquals(RgbImage.filled(1, 1, 1), images.get(0).picture().load());
    }

    @Test
    void prefersCaptionsJsonlAndRefusesToGuess() throws Exception {
        picture("a.png", 1);
        write("one.jsonl", "{\"file\": \"a.png\", \"caption\": \"one\"}");
        write("two.jsonl", "{\"file\": \"a.png\", \"caption\": \"two\"}");
        assertProblem(folder, "has 2 .jsonl files and none is captions.jsonl");
        write("captions.jsonl", "{\"file\": \"a.png\", \"caption\": \"three\"}");
        assertEquals(
                List.of("three"), ImageFolder.read(folder).getFirst().captions().get("und"));
    }

    @Test
    void namesTheMissingCaptionFile() throws Exception {
        picture("a.png", 1);
        assertProblem(folder.resolve("a.txt"), "is missing: picture a.png wants its caption there");
        write("a.txt", " \n");
        assertProblem(folder.resolve("a.txt"), "is empty");
        Files.write(folder.resolve("a.txt"), new byte[] {(byte) 0xe4, 'x'});
        assertProblem(folder.resolve("a.txt"), "is not UTF-8");
    }

    @Test
    void namesTheMissingPicture() throws Exception {
        write("captions.jsonl", "{\"file\": \"gone.png\", \"caption\": \"one\"}");
        assertProblem(folder.resolve("gone.png"), "is missing, but");
    }

    @Test
    void refusesFoldersWithoutPictures() throws Exception {
        assertProblem(folder, "holds no picture");
        write("captions.jsonl", "\n");
        assertProblem(folder.resolve("captions.jsonl"), "names no picture");
        Path nowhere = folder.resolve("nowhere");
        assertEquals(
                nowhere,
                assertThrows(DatasetException.class, () -> ImageFolder.read(nowhere))
                        .place());
    }

    @Test
    void leavesUndecodablePicturesToTheLoader() throws Exception {
        write("a.png", "no picture");
        write("a.txt", "a");
        CaptionedImage image = ImageFolder.read(folder).getFirst();
        var e = assertThrows(
                UnreadableImageException.class, () -> image.picture().load());
        assertEquals(folder.resolve("a.png").toString(), e.name());
    }

    private void assertProblem(Path place, String part) {
        var e = assertThrows(DatasetException.class, () -> ImageFolder.read(folder));
        assertEquals(place, e.place());
        assertTrue(e.getMessage().contains(part) && e.getMessage().startsWith(place.toString()), e.getMessage());
    }

    private void picture(String name, int colour) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        Files.write(folder.resolve(name), PngFile.encode(RgbImage.filled(1, 1, colour), Map.of()));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
