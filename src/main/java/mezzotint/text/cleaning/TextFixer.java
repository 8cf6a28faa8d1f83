package mezzotint.text.cleaning;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Undoes what programs did to text: mojibake, HTML's entities, curly quotes, ligatures, full and half widths, line breaks,
 * halves of surrogate pairs, control characters, terminal escapes; then NFC. The defaults of {@code ftfy.fix_text} 6.3.1.
 *
 * @see <a href="https://doi.org/10.5281/zenodo.2591652">Speer 2019, ftfy</a>
 */
final class TextFixer {
    private static final Pattern DOUBLE_QUOTES = Pattern.compile("[\\u201c-\\u201f]");
    private static final Pattern SINGLE_QUOTES = Pattern.compile("[\\u02bc\\u2018-\\u201b]");
    private static final Pattern LINE_BREAKS = Pattern.compile("\\r\\n|[\\r\\u2028\\u2029\\u0085]");
    private static final Pattern TERMINAL = Pattern.compile("\\x{1b}\\[[\\p{Nd};]*[a-zA-Z]");
    private static final Pattern HALF_SURROGATES = Pattern.compile("[\\x{d800}-\\x{dfff}]");
    private static final Pattern CONTROLS =
            Pattern.compile("[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f\\u206a-\\u206f\\ufeff\\ufff9-\\ufffc]");

    private static final Map<Character, String> LIGATURES = Map.ofEntries(
            Map.entry('Ĳ', "IJ"),
            Map.entry('ĳ', "ij"),
            Map.entry('ŉ', "\u02bcn"),
            Map.entry('Ǳ', "DZ"),
            Map.entry('ǲ', "Dz"),
            Map.entry('ǳ', "dz"),
            Map.entry('Ǆ', "DŽ"),
            Map.entry('ǅ', "Dž"),
            Map.entry('ǆ', "dž"),
            Map.entry('Ǉ', "LJ"),
            Map.entry('ǈ', "Lj"),
            Map.entry('ǉ', "lj"),
            Map.entry('Ǌ', "NJ"),
            Map.entry('ǋ', "Nj"),
            Map.entry('ǌ', "nj"),
            Map.entry('\ufb00', "ff"),
            Map.entry('\ufb01', "fi"),
            Map.entry('\ufb02', "fl"),
            Map.entry('\ufb03', "ffi"),
            Map.entry('\ufb04', "ffl"),
            Map.entry('\ufb05', "ſt"),
            Map.entry('\ufb06', "st"));

    private static final Map<Character, String> WIDTHS = widths();

    private TextFixer() {}

    /** Fixes line by line; from the first line with a {@code <} on, entities are left alone: it is HTML. */
    static String fix(String text) {
        StringBuilder y = new StringBuilder(text.length());
        boolean entities = true;
        int from = 0;
        while (from < text.length()) {
            int end = text.indexOf('\n', from) + 1;
            String line = text.substring(from, end == 0 ? text.length() : end);
            entities &= line.indexOf('<') < 0;
            y.append(fixLine(line, entities));
            from += line.length();
        }
        return y.toString();
    }

    private static String fixLine(String line, boolean entities) {
        String now = line;
        while (true) {
            String next = fixOnce(now, entities);
            if (next.equals(now)) {
                return now;
            }
            now = next;
        }
    }

    private static String fixOnce(String line, boolean entities) {
        String y = Mojibake.mend(entities ? HtmlEntities.unescapeSafely(line) : line);
        y = Mojibake.controlsToWindows(y);
        y = replaced(replaced(y, LIGATURES), WIDTHS);
        y = SINGLE_QUOTES.matcher(DOUBLE_QUOTES.matcher(y).replaceAll("\"")).replaceAll("'");
        y = LINE_BREAKS.matcher(y).replaceAll("\n");
        y = HALF_SURROGATES.matcher(y).replaceAll("\ufffd");
        y = TERMINAL.matcher(y).replaceAll("");
        y = CONTROLS.matcher(y).replaceAll("");
        return Normalizer.normalize(y, Normalizer.Form.NFC);
    }

    private static String replaced(String text, Map<Character, String> table) {
        StringBuilder y = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            String other = table.get(text.charAt(i));
            if (other == null) {
                y.append(text.charAt(i));
            } else {
                y.append(other);
            }
        }
        return y.toString();
    }

    private static Map<Character, String> widths() {
        Map<Character, String> widths = new HashMap<>();
        widths.put('\u3000', " ");
        for (char c = '\uff01'; c < '\ufff0'; c++) {
            String usual = Normalizer.normalize(String.valueOf(c), Normalizer.Form.NFKC);
            if (!usual.equals(String.valueOf(c))) {
                widths.put(c, usual);
            }
        }
        return widths;
    }
}
