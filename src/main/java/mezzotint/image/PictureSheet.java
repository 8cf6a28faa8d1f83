package mezzotint.image;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A table of pictures with labels in any script: a row a concept, a column a language.
 *
 * <p>A label that the machine's fonts cannot show is replaced by its fallback, never by empty boxes, and is listed in
 * {@link Drawn#replaced}. Small pictures are enlarged by a whole factor without smoothing.
 *
 * @param columns headers
 * @param rows each with one cell a column
 * @param cellSize side of a picture in pixels, 16–1024
 */
public record PictureSheet(List<Label> columns, List<Row> rows, int cellSize) {
    private static final int GAP = 6;

    /**
     * A text, and what to write where it cannot be shown.
     *
     * @param text in any script; empty for none
     * @param fallback printable ASCII, such as {@code "zh: strawberry"}
     */
    public record Label(String text, String fallback) {
        /** No label. */
        public static final Label NONE = new Label("", "");

        /** Checks that the fallback can be shown everywhere. */
        public Label {
            if (!fallback.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                throw new IllegalArgumentException(
                        "the fallback of label \"%s\" must be printable ASCII, got \"%s\"".formatted(text, fallback));
            }
        }

        /** A label of printable ASCII, which is its own fallback. */
        public static Label ascii(String text) {
            return new Label(text, text);
        }
    }

    /** A picture and the words under it. */
    public record Cell(RgbImage picture, Label caption) {}

    /** A row's name and its cells. */
    public record Row(Label label, List<Cell> cells) {
        /** Copies the list. */
        public Row {
            cells = List.copyOf(cells);
        }
    }

    /**
     * A sheet as drawn.
     *
     * @param image the pixels
     * @param replaced texts that no font could show, whose fallbacks stand there instead
     * @param builtInFont whether the machine had no usable font at all
     */
    public record Drawn(RgbImage image, List<String> replaced, boolean builtInFont) {}

    /** Checks that every row has a cell for every column. */
    public PictureSheet {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        if (columns.isEmpty() || rows.isEmpty()) {
            throw new IllegalArgumentException("a sheet wants at least one row and one column");
        }
        if (cellSize < 16 || cellSize > 1024) {
            throw new IllegalArgumentException("cell size is 16–1024 pixels, got " + cellSize);
        }
        for (Row row : rows) {
            if (row.cells.size() != columns.size()) {
                throw new IllegalArgumentException("row \"%s\" has %d cells, the sheet has %d columns"
                        .formatted(row.label.text, row.cells.size(), columns.size()));
            }
        }
    }

    /** Draws the sheet with this machine's fonts, or the built-in one where there are none. */
    public Drawn draw() {
        var headings = FontText.open(13);
        var captions = FontText.open(11);
        boolean builtIn = headings.isEmpty() || captions.isEmpty();
        SheetText headingText = builtIn ? new BitmapText(2) : headings.get();
        SheetText captionText = builtIn ? new BitmapText(1) : captions.get();
        return new Painter(headingText, captionText).paint(builtIn);
    }

    Drawn drawWithBuiltInFont() {
        return new Painter(new BitmapText(2), new BitmapText(1)).paint(true);
    }

    private final class Painter {
        private final SheetText heading;
        private final SheetText caption;
        private final Set<String> replaced = new LinkedHashSet<>();
        private final int left;
        private final int top;
        private final int cellHeight;

        Painter(SheetText heading, SheetText caption) {
            this.heading = heading;
            this.caption = caption;
            boolean captioned = rows.stream().flatMap(r -> r.cells.stream()).anyMatch(c -> !c.caption.text.isEmpty());
            boolean named = rows.stream().anyMatch(r -> !r.label.text.isEmpty());
            top = heading.height() + 2 * GAP;
            cellHeight = cellSize + GAP + (captioned ? caption.height() : 0);
            left = named ? nameWidth() + 2 * GAP : GAP;
        }

        private int nameWidth() {
            int widest = rows.stream().mapToInt(r -> heading.width(shown(heading, r.label))).max().orElse(0);
            return Math.min(widest, 3 * Math.max(cellSize, 64));
        }

        Drawn paint(boolean builtIn) {
            int width = left + columns.size() * (cellSize + GAP);
            int height = top + rows.size() * cellHeight + GAP;
            RgbImage.checkSize(width, height);
            BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = image.createGraphics();
            try {
                graphics.setColor(Color.WHITE);
                graphics.fillRect(0, 0, width, height);
                for (int c = 0; c < columns.size(); c++) {
                    centred(graphics, heading, columns.get(c), left + c * (cellSize + GAP), GAP);
                }
                for (int r = 0; r < rows.size(); r++) {
                    paintRow(graphics, rows.get(r), top + r * cellHeight);
                }
            } finally {
                graphics.dispose();
            }
            return new Drawn(ImageDecoder.fromOpaque(image), List.copyOf(replaced), builtIn);
        }

        private void paintRow(Graphics2D graphics, Row row, int y) {
            String name = heading.fitted(shown(heading, row.label), left - 2 * GAP);
            heading.draw(graphics, name, GAP, y + (cellSize - heading.height()) / 2);
            for (int c = 0; c < row.cells.size(); c++) {
                int x = left + c * (cellSize + GAP);
                paintPicture(graphics, row.cells.get(c).picture, x, y);
                centred(graphics, caption, row.cells.get(c).caption, x, y + cellSize + 1);
            }
        }

        private void paintPicture(Graphics2D graphics, RgbImage picture, int x, int y) {
            int longest = Math.max(picture.width(), picture.height());
            RgbImage shown = picture;
            int factor = 1;
            if (longest <= cellSize) {
                factor = cellSize / longest;
            } else {
                int width = Math.max(1, Math.round((float) picture.width() * cellSize / longest));
                int height = Math.max(1, Math.round((float) picture.height() * cellSize / longest));
                shown = picture.resized(width, height, Resampling.BICUBIC);
            }
            int width = factor * shown.width();
            int height = factor * shown.height();
            graphics.setRenderingHint(
                    RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR);
            graphics.drawImage(shown.toBufferedImage(), x + (cellSize - width) / 2, y + (cellSize - height) / 2,
                    width, height, null);
        }

        private void centred(Graphics2D graphics, SheetText text, Label label, int x, int y) {
            String line = text.fitted(shown(text, label), cellSize + GAP - 2);
            text.draw(graphics, line, x + Math.max(0, (cellSize - text.width(line)) / 2), y);
        }

        private String shown(SheetText text, Label label) {
            if (text.canShow(label.text)) {
                return label.text;
            }
            replaced.add(label.text);
            return label.fallback;
        }
    }
}
