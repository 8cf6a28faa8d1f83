package mezzotint.text.cleaning;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Decodes UTF-8 strictly, but for two variants that programs write by mistake: pairs of surrogates encoded one by one, and
 * the character 0 in two bytes.
 *
 * @see <a href="https://www.unicode.org/reports/tr26/">CESU-8, Unicode Technical Report 26</a>
 */
final class VariantUtf8 {
    private static final int PAIR_BYTES = 6;

    private VariantUtf8() {}

    /** The text of {@code bytes}, each a char up to 255; empty where they are neither. */
    static Optional<String> decode(String bytes) {
        StringBuilder y = new StringBuilder(bytes.length());
        int done = 0;
        for (int i = 0; i < bytes.length(); i++) {
            int length = variantLength(bytes, i);
            if (length > 0) {
                Optional<String> before = strictly(bytes.substring(done, i));
                if (before.isEmpty()) {
                    return Optional.empty();
                }
                y.append(before.get());
                y.appendCodePoint(length == PAIR_BYTES ? pair(bytes, i) : 0);
                i += length - 1;
                done = i + 1;
            }
        }
        return strictly(bytes.substring(done)).map(rest -> y.append(rest).toString());
    }

    /** Bytes of the variant that begins there, or 0. */
    private static int variantLength(String bytes, int at) {
        if (bytes.charAt(at) == 0xc0 && at + 1 < bytes.length()) {
            char next = bytes.charAt(at + 1);
            // A line break at the very end is taken for the end: ftfy decodes it so, and a parity is a parity.
            return next == 0x80 || (next == '\n' && at + 2 == bytes.length()) ? 2 : 0;
        }
        boolean pair = at + PAIR_BYTES <= bytes.length()
                && bytes.charAt(at) == 0xed
                && within(bytes.charAt(at + 1), 0xa0, 0xaf)
                && within(bytes.charAt(at + 2), 0x80, 0xbf)
                && bytes.charAt(at + 3) == 0xed
                && within(bytes.charAt(at + 4), 0xb0, 0xbf)
                && within(bytes.charAt(at + 5), 0x80, 0xbf);
        return pair ? PAIR_BYTES : 0;
    }

    private static boolean within(char c, int from, int to) {
        return c >= from && c <= to;
    }

    private static int pair(String bytes, int at) {
        return 0x10000
                + ((bytes.charAt(at + 1) & 0x0f) << 16)
                + ((bytes.charAt(at + 2) & 0x3f) << 10)
                + ((bytes.charAt(at + 4) & 0x0f) << 6)
                + (bytes.charAt(at + 5) & 0x3f);
    }

    private static Optional<String> strictly(String bytes) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1));
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(buffer).toString()); // reports what is malformed
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
