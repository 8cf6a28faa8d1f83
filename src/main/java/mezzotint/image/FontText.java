package mezzotint.image;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.font.FontRenderContext;
import java.awt.font.LineMetrics;
import java.util.Optional;

/** Text in the machine's sans-serif font. */
final class FontText implements SheetText {
    private static final FontRenderContext CONTEXT = new FontRenderContext(null, true, false);
    private static final String ASCII = asciiCharacters();

    private final Font font;
    private final LineMetrics metrics;

    private FontText(int size) {
        font = new Font(Font.SANS_SERIF, Font.PLAIN, size);
        metrics = font.getLineMetrics(ASCII, CONTEXT);
    }

    /**
     * The font at a size, or nothing where this machine has none that shows ASCII.
     *
     * @param size points, at 72 to the inch
     */
    static Optional<SheetText> open(int size) {
        try {
            FontText text = new FontText(size);
            return text.canShow(ASCII) ? Optional.of(text) : Optional.empty();
        } catch (RuntimeException | LinkageError | InternalError e) {
            return Optional.empty(); // no fontconfig, no native font library, or a configuration it cannot read
        } catch (Error e) {
            // the JDK throws a bare Error, "No physical fonts found"; anything else is not about fonts
            if (e.getClass() != Error.class) {
                throw e;
            }
            return Optional.empty();
        }
    }

    @Override
    public boolean canShow(String text) {
        return font.canDisplayUpTo(text) == -1;
    }

    @Override
    public int width(String text) {
        return text.isEmpty() ? 0 : (int) Math.ceil(font.getStringBounds(text, CONTEXT).getWidth());
    }

    @Override
    public int height() {
        return (int) Math.ceil(metrics.getAscent() + metrics.getDescent());
    }

    @Override
    public void draw(Graphics2D graphics, String text, int x, int y) {
        graphics.setColor(Color.BLACK);
        graphics.setFont(font);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.drawString(text, x, y + Math.round(metrics.getAscent()));
    }

    private static String asciiCharacters() {
        StringBuilder characters = new StringBuilder();
        for (char c = ' '; c <= '~'; c++) {
            characters.append(c);
        }
        return characters.toString();
    }
}
