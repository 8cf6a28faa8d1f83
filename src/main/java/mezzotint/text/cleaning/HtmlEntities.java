package mezzotint.text.cleaning;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Character references of HTML 5, decoded as a browser does and as ftfy dares to.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/parsing.html#character-reference-state">HTML, §13.2.5.72</a>
 */
final class HtmlEntities {
    private static final String RESOURCE = "/mezzotint/text/html5-entities.txt";
    private static final int HEX = 16;

    /** By name without the ampersand; most end with a semicolon. */
    private static final Map<String, String> NAMES = read();

    private static final Pattern ANY = Pattern.compile("&(#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\\t\\n\\f <&#;]{1,32};?)");

    private static final Pattern CLOSED = Pattern.compile("&#?[0-9A-Za-z]{1,24};");

    private static final Map<String, String> SAFE = withUpperCase();

    private HtmlEntities() {}

    /** Every reference decoded, also those whose semicolon is missing where the standard allows it. */
    static String unescape(String text) {
        return text.indexOf('&') < 0
                ? text
                : ANY.matcher(text).replaceAll(m -> Matcher.quoteReplacement(decoded(m.group(1))));
    }

    /** References with a semicolon decoded, and names that somebody upper-cased: EACUTE is É as eacute is é. */
    static String unescapeSafely(String text) {
        return text.indexOf('&') < 0
                ? text
                : CLOSED.matcher(text).replaceAll(m -> Matcher.quoteReplacement(safelyDecoded(m.group())));
    }

    private static String safelyDecoded(String reference) {
        String known = SAFE.get(reference.substring(1));
        if (known != null) {
            return known;
        }
        if (reference.startsWith("&#")) {
            String unescaped = unescape(reference);
            return unescaped.indexOf(';') >= 0 ? reference : unescaped;
        }
        return reference;
    }

    private static String decoded(String reference) {
        if (reference.charAt(0) == '#') {
            return numeric(reference.endsWith(";") ? reference.substring(0, reference.length() - 1) : reference);
        }
        for (int end = reference.length(); end > 1; end--) {
            String known = NAMES.get(reference.substring(0, end));
            if (known != null) {
                return known + reference.substring(end);
            }
        }
        return "&" + reference;
    }

    private static String numeric(String reference) {
        boolean hex = reference.charAt(1) == 'x' || reference.charAt(1) == 'X';
        BigInteger number = hex ? new BigInteger(reference.substring(2), HEX) : new BigInteger(reference.substring(1));
        if (number.bitLength() > 21) { // beyond any code point
            return "\ufffd";
        }
        int code = number.intValue();
        if (code >= 0x80 && code <= 0x9f) {
            return String.valueOf(SloppyCharset.WINDOWS_1252.decode((byte) code));
        }
        if (code == 0 || (code >= 0xd800 && code <= 0xdfff) || code > Character.MAX_CODE_POINT) {
            return "\ufffd";
        }
        return isInvalid(code) ? "" : Character.toString(code);
    }

    private static boolean isInvalid(int code) {
        return code < 0x9
                || code == 0xb
                || (code >= 0xe && code < 0x20)
                || code == 0x7f
                || (code >= 0xfdd0 && code <= 0xfdef)
                || (code & 0xfffe) == 0xfffe;
    }

    private static Map<String, String> withUpperCase() {
        Map<String, String> safe = new HashMap<>();
        NAMES.forEach((name, characters) -> {
            if (name.endsWith(";")) {
                safe.put(name, characters);
                String upper = name.toUpperCase(Locale.ROOT);
                if (name.equals(name.toLowerCase(Locale.ROOT))
                        && unescape("&" + upper).equals("&" + upper)) {
                    safe.put(upper, characters.toUpperCase(Locale.ROOT));
                }
            }
        });
        return safe;
    }

    private static Map<String, String> read() {
        Map<String, String> names = new HashMap<>();
        try (InputStream in = HtmlEntities.class.getResourceAsStream(RESOURCE);
                var lines = new BufferedReader(
                        new InputStreamReader(Objects.requireNonNull(in, RESOURCE), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#")) {
                    String[] words = line.split(" ", -1);
                    StringBuilder characters = new StringBuilder();
                    for (int i = 1; i < words.length; i++) {
                        characters.appendCodePoint(Integer.parseInt(words[i], HEX));
                    }
                    names.put(words[0], characters.toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names;
    }
}
