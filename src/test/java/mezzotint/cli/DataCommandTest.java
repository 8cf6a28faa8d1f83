package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import mezzotint.data.EncoderFetch;
import mezzotint.image.RgbImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCommandTest {
    @TempDir
    Path folder;

    @Test
    void showsTheStarterSet() {
        Path out = folder.resolve("sheet.png");
        Command command = Command.run("data", "show", "starter", "--out", out.toString());
        assertEquals(0, command.status(), command.err());
        assertTrue(command.out().contains("64 pictures, 2624 captions, 41 languages"), command.out());
        assertTrue(RgbImage.read(out).width() > 8 * 64);
    }

    @Test
    void tellsOfPicturesThatCannotBeRead() throws IOException {
        Pictures.write(folder.resolve("a.png"), RgbImage.filled(9, 9, 0x00FF00), Map.of());
        Files.writeString(folder.resolve("a.txt"), "green");
        Files.writeString(folder.resolve("b.jpg"), "no picture");
        Files.writeString(folder.resolve("b.txt"), "nothing");
        Path out = folder.resolve("out/sheet.png");
        Command command = Command.run("data", "list", folder.toString(), "--out", out.toString());
        assertEquals(1, command.status());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(command.out().contains("1 picture cannot be read"), command.out());
        assertTrue(Files.exists(out));
    }

    @Test
    void writesNoSheetForDataThatAreNotThere() {
        Path out = folder.resolve("sheet.png");
        Command command = Command.run("data", "show", folder.resolve("no").toString(), "--out", out.toString());
        assertEquals(2, command.status());
        assertFalse(Files.exists(out));
    }

    @Test
    void namesTheEncodersItCanFetch() {
        Command command = Command.run("data", "fetch", "--encoder", "dino", "--into", folder.toString());
        assertEquals(2, command.status());
        assertTrue(
                command.err().contains("there is no vision encoder \"dino\" to fetch; choose from [inception-mixed5]"),
                command.err());
    }

    @Test
    void doesNotFetchAnEncoderTwice() throws IOException {
        Path there = Files.createDirectories(EncoderFetch.folderIn(folder));
        Command command = Command.run("data", "fetch", "--encoder", "inception-mixed5", "--into", folder.toString());
        assertEquals(0, command.status(), command.err());
        assertTrue(command.out().startsWith("already there: inception-mixed5: " + there), command.out());
        assertTrue(command.out().contains("not comparable with published FID"), command.out());
    }
}
