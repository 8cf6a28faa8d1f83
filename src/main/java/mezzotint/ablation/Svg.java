package mezzotint.ablation;

import java.util.List;
import java.util.Locale;

/** Pieces of drawings in SVG, made to stand within a page: colours come from the page's style sheet where they mean text. */
final class Svg {
    /** Colours that people with any colour vision tell apart (Okabe and Ito 2008), darkest first. */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#8c6d31");

    private static final List<String> DASHES = List.of("", "6 3", "2 3");

    private Svg() {}

    /** Colour of the i-th thing of a chart. */
    static String colour(int index) {
        return COLOURS.get(index % COLOURS.size());
    }

    /** Dashes of the i-th line of a chart: another pattern each time the colours begin again. */
    static String dashes(int index) {
        return DASHES.get(index / COLOURS.size() % DASHES.size());
    }

    static String open(int width, int height, String label) {
        return "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" xmlns=\"http://www.w3.org/2000/svg\">\n"
                .formatted(width, height, escape(label));
    }

    static String line(double x1, double y1, double x2, double y2, String style) {
        return String.format(
                Locale.ROOT, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>%n", x1, y1, x2, y2, style);
    }

    static String text(double x, double y, String anchor, String style, String text) {
        return String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>%n",
                x,
                y,
                anchor,
                style,
                escape(text));
    }

    static String circle(double x, double y, double radius, String style) {
        return String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" %s/>%n", x, y, radius, style);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /** A step that people count in, 1, 2 or 5 times a power of ten, so that {@code range} takes at most {@code most} of it. */
    static double niceStep(double range, int most) {
        double raw = range / most;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        for (double factor : new double[] {1, 2, 5, 10}) {
            if (factor * power >= raw * (1 - 1e-9)) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    /** A tick's number with as many digits as its step needs. */
    static String tick(double value, double step) {
        int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        return String.format(Locale.ROOT, "%." + digits + "f", value == 0 ? 0 : value);
    }
}
