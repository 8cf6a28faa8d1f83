package mezzotint.image;

import java.awt.Graphics2D;

/** A way to write labels on a sheet. */
sealed interface SheetText permits FontText, BitmapText {
    /** Whether every character has a glyph. */
    boolean canShow(String text);

    /** Width of the text in pixels. */
    int width(String text);

    /** Height of a line in pixels. */
    int height();

    /** Writes black text whose box starts at (x, y). */
    void draw(Graphics2D graphics, String text, int x, int y);

    /** The text, or as many of its characters as fit into {@code width} pixels before two full stops. */
    default String fitted(String text, int width) {
        if (width(text) <= width) {
            return text;
        }
        int end = text.length();
        while (end > 0 && width(text.substring(0, end) + "..") > width) {
            end = text.offsetByCodePoints(end, -1);
        }
        return text.substring(0, end).stripTrailing() + "..";
    }
}
