package mezzotint.text.cleaning;

import java.util.BitSet;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Mends text in UTF-8 that was decoded in another encoding, {@code Ã©} for é, once or several times over.
 *
 * <p>Bytes are strings here, of chars up to 255.
 *
 * @see <a href="https://doi.org/10.5281/zenodo.2591652">Speer 2019, ftfy</a>
 */
final class Mojibake {
    /** UTF-8 in which a space stands for byte A0, the no-break space, where the character is a likely one. */
    private static final Pattern SPACED = Pattern.compile("[ÂÃÅÎÐÙ] "
            + "|[âã] [\\x{80}-\\x{84}\\x{86}-\\x{9f}\\x{a1}-\\x{bf}]"
            + "|[à-ã][\\x{80}-\\x{84}\\x{86}-\\x{9f}\\x{a1}-\\x{bf}] "
            + "|ð [\\x{80}-\\x{bf}]{2}"
            + "|ð[\\x{80}-\\x{bf}] [\\x{80}-\\x{bf}]"
            + "|ð[\\x{80}-\\x{bf}]{2} ");

    /** A word à that lost its second byte keeps the space behind it, unless it begins a Portuguese word. */
    private static final Pattern LONE_A_GRAVE = Pattern.compile("Ã (?! |quele|quela|quilo|s )");

    /** UTF-8 of which bytes got lost. */
    private static final Pattern HOLED = Pattern.compile("[Â-ß]\\x{1a}"
            + "|[ÂÃ]\\?"
            + "|í[\\x{a0}-\\x{af}][\\x{1a}?]í[\\x{b0}-\\x{bf}][\\x{1a}?\\x{80}-\\x{bf}]"
            + "|í[\\x{a0}-\\x{af}][\\x{1a}?\\x{80}-\\x{bf}]í[\\x{b0}-\\x{bf}][\\x{1a}?]"
            + "|[à-ï][\\x{1a}?][\\x{1a}\\x{80}-\\x{bf}]"
            + "|[à-ï][\\x{1a}\\x{80}-\\x{bf}][\\x{1a}?]"
            + "|[ð-ô][\\x{1a}?][\\x{1a}\\x{80}-\\x{bf}]{2}"
            + "|[ð-ô][\\x{1a}\\x{80}-\\x{bf}][\\x{1a}?][\\x{1a}\\x{80}-\\x{bf}]"
            + "|[ð-ô][\\x{1a}\\x{80}-\\x{bf}]{2}[\\x{1a}?]"
            + "|\\x{1a}");

    private static final String REPLACEMENT_BYTES = "\u00ef\u00bf\u00bd";

    private static final BitSet FIRST_OF_2 = meanings(0xc2, 0xdf);
    private static final BitSet FIRST_OF_3 = meanings(0xe0, 0xef);
    private static final BitSet FIRST_OF_4 = firstOf4();
    private static final BitSet CONTINUATION = continuation();
    private static final BitSet STRICT_CONTINUATION = strictContinuation();

    private Mojibake() {}

    /** The text as it was meant; itself where nothing looks wrong or nothing helps. */
    static String mend(String text) {
        String now = text;
        while (true) {
            String next = step(now);
            if (next.equals(now)) {
                return now;
            }
            now = next;
        }
    }

    private static String step(String text) {
        if (text.chars().allMatch(c -> c < 0x80) || !MojibakeSigns.isBad(text)) {
            return text;
        }
        for (SloppyCharset charset : SloppyCharset.ALL) {
            Optional<String> decoded = charset.encode(text).flatMap(bytes -> VariantUtf8.decode(restored(bytes, charset)));
            if (decoded.isPresent()) {
                return decoded.get();
            }
        }
        String mended = mendInside(text);
        if (!mended.equals(text)) {
            return mended;
        }
        return controlsToWindows(text);
    }

    private static String restored(String bytes, SloppyCharset charset) {
        String y = bytes;
        if (charset != SloppyCharset.MAC_ROMAN && SPACED.matcher(y).find()) { // there it is a dash and a space
            y = LONE_A_GRAVE.matcher(y).replaceAll("Ã\u00a0 ");
            y = SPACED.matcher(y).replaceAll(m -> m.group().replace(' ', '\u00a0'));
        }
        return charset.isLossy() ? HOLED.matcher(y).replaceAll(REPLACEMENT_BYTES) : y;
    }

    /** Control characters of Latin-1, which nobody writes, as what Windows means by these bytes. */
    static String controlsToWindows(String text) {
        StringBuilder y = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            y.append(c >= 0x80 && c <= 0x9f ? SloppyCharset.WINDOWS_1252.decode((byte) c) : c);
        }
        return y.toString();
    }

    /** Mends the parts that look like UTF-8 by themselves, where the whole is a mixture. */
    private static String mendInside(String text) {
        StringBuilder y = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            int end = i > 0 && STRICT_CONTINUATION.get(text.charAt(i - 1)) ? i : endOfRun(text, i);
            if (end == i) {
                y.append(text.charAt(i));
                i++;
            } else {
                String part = text.substring(i, end);
                y.append(part.length() < text.length() && MojibakeSigns.isBad(part) ? mend(part) : part);
                i = end;
            }
        }
        return y.toString();
    }

    /** End of the sequences that begin there and follow each other; {@code at} where there is none. */
    private static int endOfRun(String text, int at) {
        int i = at;
        while (i < text.length()) {
            char first = text.charAt(i);
            int end;
            if (FIRST_OF_2.get(first) && continues(text, i + 1, 1)) {
                end = i + 2;
            } else if (FIRST_OF_3.get(first) && continues(text, i + 1, 2)) {
                end = i + 3;
            } else if (FIRST_OF_4.get(first) && continues(text, i + 1, 3)) {
                end = i + 4;
            } else {
                return i;
            }
            i = end;
        }
        return i;
    }

    private static boolean continues(String text, int from, int count) {
        if (from + count > text.length()) {
            return false;
        }
        for (int i = from; i < from + count; i++) {
            if (!CONTINUATION.get(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** What bytes mean in the encodings that resemble Latin-1. */
    private static BitSet meanings(int from, int to) {
        BitSet set = new BitSet();
        for (SloppyCharset charset : SloppyCharset.ALL.subList(0, SloppyCharset.LIKE_LATIN_1)) {
            for (int b = from; b <= to; b++) {
                set.set(charset.decode((byte) b));
            }
        }
        return set;
    }

    private static BitSet firstOf4() {
        BitSet set = meanings(0xf0, 0xf0); // emoji and rare ideographs
        set.or(meanings(0xf3, 0xf3)); // tags and selectors
        return set;
    }

    private static BitSet continuation() {
        BitSet set = meanings(0x80, 0xbf);
        set.set(' '); // it may have been a no-break space
        return set;
    }

    /** Without the marks that often stand for themselves beside mojibake: dashes, quotes, bullets and dots. */
    private static BitSet strictContinuation() {
        BitSet set = meanings(0x80, 0xbf);
        set.clear('–', '„' + 1);
        set.clear('•');
        set.clear('…');
        return set;
    }
}
