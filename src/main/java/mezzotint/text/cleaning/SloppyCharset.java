package mezzotint.text.cleaning;

import java.nio.charset.Charset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An encoding of one byte a character in which every byte means something, as browsers have it: what the standard leaves open
 * means the control character of that number. In a lossy one, byte 1A stands for the replacement character, a byte got lost.
 */
final class SloppyCharset {
    /** Byte that stands for a lost one. */
    static final char LOST = '\u001a';

    private static final char REPLACEMENT = '\ufffd';
    private static final int BYTES = 256;

    static final SloppyCharset LATIN_1 = new SloppyCharset("ISO-8859-1", false);
    static final SloppyCharset WINDOWS_1252 = new SloppyCharset("windows-1252", true);
    static final SloppyCharset MAC_ROMAN = new SloppyCharset("x-MacRoman", false);

    /** Those that text in UTF-8 is mistaken for, the likeliest first; the first seven resemble Latin-1. */
    static final List<SloppyCharset> ALL = List.of(
            LATIN_1,
            WINDOWS_1252,
            new SloppyCharset("windows-1251", true),
            new SloppyCharset("windows-1250", true),
            new SloppyCharset("windows-1253", true),
            new SloppyCharset("windows-1254", true),
            new SloppyCharset("windows-1257", true),
            new SloppyCharset("ISO-8859-2", false),
            MAC_ROMAN,
            new SloppyCharset("IBM437", false));

    /** How many of {@link #ALL} resemble Latin-1. */
    static final int LIKE_LATIN_1 = 7;

    private final boolean lossy;
    private final char[] characters = new char[BYTES];
    private final Map<Character, Character> bytes = new HashMap<>();

    private SloppyCharset(String name, boolean lossy) {
        this.lossy = lossy;
        Charset charset = Charset.forName(name);
        for (int b = 0; b < BYTES; b++) {
            char c = new String(new byte[] {(byte) b}, charset).charAt(0);
            characters[b] = c == REPLACEMENT ? (char) b : c;
        }
        if (lossy) {
            characters[LOST] = REPLACEMENT;
        }
        for (int b = 0; b < BYTES; b++) {
            bytes.put(characters[b], (char) b);
        }
    }

    /** Whether a lost byte can be told. */
    boolean isLossy() {
        return lossy;
    }

    /** What a byte means. */
    char decode(byte b) {
        return characters[b & 0xff];
    }

    /** The bytes that give {@code text}, each as a char up to 255; empty where a character has none. */
    Optional<String> encode(String text) {
        StringBuilder y = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            Character b = bytes.get(text.charAt(i));
            if (b == null) {
                return Optional.empty();
            }
            y.append(b.charValue());
        }
        return Optional.of(y.toString());
    }
}
