package mezzotint.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import mezzotint.image.PictureSheet.Cell;
import mezzotint.image.PictureSheet.Label;
import mezzotint.image.PictureSheet.Row;
import org.junit.jupiter.api.Test;

class PictureSheetTest {
    private static final RgbImage RED = RgbImage.filled(8, 8, 0xff0000);
    // of a private-use plane: no font has it
    private static final String UNSHOWABLE = new String(Character.toChars(0xF1234));

    private static PictureSheet sheet(Label caption) {
        Row row = new Row(Label.ascii("strawberry"), List.of(new Cell(RED, caption), new Cell(RED, Label.NONE)));
        return new PictureSheet(List.of(Label.ascii("en"), Label.ascii("zh")), List.of(row, row), 32);
    }

    @Test
    void replacesWhatNoFontShowsAndSaysSo() {
        var drawn = sheet(new Label(UNSHOWABLE, "xx: strawberry")).draw();
        assertEquals(List.of(UNSHOWABLE), drawn.replaced());
        var plain = sheet(Label.ascii("xx: strawberry")).draw();
        assertEquals(plain.image(), drawn.image());
    }

    @Test
    void drawsWithoutAnyFont() {
        var drawn = sheet(new Label("草莓", "zh: strawberry")).drawWithBuiltInFont();
        assertTrue(drawn.builtInFont());
        assertEquals(List.of("草莓"), drawn.replaced());
        var other = sheet(Label.ascii("zh: strawberrz")).drawWithBuiltInFont();
        assertTrue(other.replaced().isEmpty());
    }

    @Test
    void builtInGlyphsAreAllDifferentAndNotEmpty() {
        List<RgbImage> drawn = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ "
                .chars()
                .mapToObj(c -> new PictureSheet(
                                List.of(Label.ascii(Character.toString(c))),
                                List.of(new Row(Label.NONE, List.of(new Cell(RED, Label.NONE)))),
                                32)
                        .drawWithBuiltInFont()
                        .image())
                .distinct()
                .toList();
        assertEquals(95, drawn.size());
    }

    @Test
    void enlargesByAWholeFactor() {
        RgbImage image = sheet(Label.NONE).draw().image();
        long red = 0;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                red += image.pixel(x, y) == 0xff0000 ? 1 : 0;
            }
        }
        assertEquals(4 * 32 * 32, red);
    }

    @Test
    void reducesLargePictures() {
        Row row = new Row(Label.NONE, List.of(new Cell(RgbImage.filled(100, 50, 0x0000ff), Label.NONE)));
        RgbImage image = new PictureSheet(List.of(Label.NONE), List.of(row), 32).draw().image();
        assertEquals(0x0000ff, image.pixel(image.width() / 2, image.height() - 6 - 6 - 16));
    }

    @Test
    void refusesRaggedRowsAndFallbacksThatMayFail() {
        Row row = new Row(Label.NONE, List.of(new Cell(RED, Label.NONE)));
        assertThrows(IllegalArgumentException.class,
                () -> new PictureSheet(List.of(Label.NONE, Label.NONE), List.of(row), 32));
        assertThrows(IllegalArgumentException.class, () -> new Label("草莓", "草莓"));
        assertThrows(IllegalArgumentException.class, () -> new PictureSheet(List.of(), List.of(row), 32));
    }

    @Test
    void showsPlainLabelsAsTheyAre() {
        assertTrue(sheet(Label.ascii("strawberry")).draw().replaced().isEmpty());
        assertFalse(new BitmapText(1).canShow("fräse"));
    }
}
