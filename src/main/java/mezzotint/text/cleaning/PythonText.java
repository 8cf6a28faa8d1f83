package mezzotint.text.cleaning;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Text operations and classes of characters as Python has them, where Java's differ. */
final class PythonText {
    /** What {@code \s} means, for use inside brackets. */
    static final String SPACE =
            "\\t-\\r\\x{1c}-\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}";

    /**
     * What {@code \w} means, for use inside brackets: letters and numbers, but no marks. The last is a letter too: only where a
     * pattern holds a character of two chars do Java's look-behinds look at two.
     */
    static final String WORD = "\\p{L}\\p{N}_\ud801\udc00";

    /** Punctuation inside words, which case rules look through as they do through marks. */
    private static final String INSIDE_WORDS =
            "'.:\u00b7\u0387\u055f\u05f4\u2018\u2019\u2024\u2027\ufe13\ufe52\ufe55\uff07\uff0e\uff1a";

    private static final char CAPITAL_SIGMA = '\u03a3';

    private static final int HEX = 16;

    private PythonText() {}

    /** {@code pattern} with Python's {@code \s}, {@code \S}, {@code \w}, {@code \W}, {@code \d}, {@code \D} and {@code \b}. */
    static String translated(String pattern) {
        StringBuilder y = new StringBuilder();
        boolean inBrackets = false;
        for (int i = 0; i < pattern.length(); i++) {
            char c = pattern.charAt(i);
            if (c == '\\') {
                i++;
                y.append(escape(pattern.charAt(i), inBrackets));
            } else {
                inBrackets = c == '[' || (inBrackets && c != ']');
                y.append(c);
            }
        }
        return y.toString();
    }

    private static String escape(char c, boolean inBrackets) {
        return switch (c) {
            case 's' -> inBrackets ? SPACE : "[" + SPACE + "]";
            case 'S' -> "[^" + SPACE + "]";
            case 'w' -> inBrackets ? WORD : "[" + WORD + "]";
            case 'W' -> "[^" + WORD + "]";
            case 'd' -> "\\p{Nd}";
            case 'D' -> "\\P{Nd}";
            case 'b' -> "(?:(?<=[" + WORD + "])(?![" + WORD + "])|(?<![" + WORD + "])(?=[" + WORD + "]))";
            default -> "\\" + c;
        };
    }

    /** Whether Python takes it for white space; all such characters are single chars. */
    static boolean isSpace(char c) {
        return (c >= '\t' && c <= '\r')
                || (c >= 0x1c && c <= ' ')
                || c == 0x85
                || c == 0xa0
                || c == 0x1680
                || (c >= 0x2000 && c <= 0x200a)
                || c == 0x2028
                || c == 0x2029
                || c == 0x202f
                || c == 0x205f
                || c == 0x3000;
    }

    /** Without white space at both ends. */
    static String strip(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && isSpace(text.charAt(from))) {
            from++;
        }
        while (to > from && isSpace(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    /**
     * Lower-cased; a sigma ends a word as Unicode says, where Java asks a dictionary of words.
     *
     * @see <a href="https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/">Unicode 16, table 3-17</a>
     */
    static String lower(String text) {
        StringBuilder y = new StringBuilder(text.length());
        int done = 0;
        for (int i = text.indexOf(CAPITAL_SIGMA); i >= 0; i = text.indexOf(CAPITAL_SIGMA, i + 1)) {
            y.append(text.substring(done, i).toLowerCase(Locale.ROOT));
            y.append(isCasedBefore(text, i) && !isCasedAfter(text, i + 1) ? '\u03c2' : '\u03c3');
            done = i + 1;
        }
        return y.append(text.substring(done).toLowerCase(Locale.ROOT)).toString();
    }

    private static boolean isCasedBefore(String text, int end) {
        int i = end;
        while (i > 0 && isCaseIgnorable(text.codePointBefore(i))) {
            i -= Character.charCount(text.codePointBefore(i));
        }
        return i > 0 && isCased(text.codePointBefore(i));
    }

    private static boolean isCasedAfter(String text, int from) {
        int i = from;
        while (i < text.length() && isCaseIgnorable(text.codePointAt(i))) {
            i += Character.charCount(text.codePointAt(i));
        }
        return i < text.length() && isCased(text.codePointAt(i));
    }

    private static boolean isCased(int c) {
        return Character.isLowerCase(c) || Character.isUpperCase(c) || Character.isTitleCase(c);
    }

    private static boolean isCaseIgnorable(int c) {
        return INSIDE_WORDS.indexOf(c) >= 0
                || switch (Character.getType(c)) {
                    case Character.NON_SPACING_MARK,
                            Character.ENCLOSING_MARK,
                            Character.FORMAT,
                            Character.MODIFIER_LETTER,
                            Character.MODIFIER_SYMBOL ->
                        true;
                    default -> false;
                };
    }

    /** Percent-decoded, plus signs taken for spaces; runs of escapes that are no UTF-8 become replacement characters. */
    static String unquotePlus(String text) {
        String spaced = text.replace('+', ' ');
        if (spaced.indexOf('%') < 0) {
            return spaced;
        }
        StringBuilder y = new StringBuilder(spaced.length());
        int i = 0;
        while (i < spaced.length()) {
            int end = i;
            while (end < spaced.length() && spaced.charAt(end) < 0x80) {
                end++;
            }
            if (end == i) {
                y.append(spaced.charAt(i));
                i++;
            } else {
                y.append(decodeReplacing(unescaped(spaced.substring(i, end))));
                i = end;
            }
        }
        return y.toString();
    }

    /** The bytes of a run of ASCII: unescaped characters between two escapes belong to the run that is decoded. */
    private static ByteBuffer unescaped(String run) {
        ByteBuffer bytes = ByteBuffer.allocate(run.length());
        int i = 0;
        while (i < run.length()) {
            int escaped = escaped(run, i);
            bytes.put((byte) (escaped < 0 ? run.charAt(i) : escaped));
            i += escaped < 0 ? 1 : 3;
        }
        return bytes.flip();
    }

    private static int escaped(String text, int at) {
        if (text.charAt(at) != '%' || at + 2 >= text.length()) {
            return -1;
        }
        int h = Character.digit(text.charAt(at + 1), HEX);
        int l = Character.digit(text.charAt(at + 2), HEX);
        return h < 0 || l < 0 ? -1 : h * HEX + l;
    }

    private static String decodeReplacing(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .onUnmappableCharacter(CodingErrorAction.REPLACE)
                    .decode(bytes)
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalStateException("a decoder that replaces does not fail", e);
        }
    }
}
