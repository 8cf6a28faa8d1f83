package mezzotint.text;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Arrays;

/**
 * A prompt as the byte encoder sees it: a begin token, then the UTF-8 bytes of whole characters.
 *
 * <p>The text is put into Unicode's NFC, runs of white space become one space and those at the ends go. Letters are
 * lower-cased one by one, without regard to a language; that they were not is kept beside them.
 *
 * @param ids from 0 to 255 a byte, {@link #BEGIN} the begin token
 * @param upper whether the byte belongs to a letter that was lower-cased
 */
record BytePrompt(int[] ids, boolean[] upper) {
    static final int BEGIN = 256;
    static final int VOCABULARY = 257;

    private static final int REPLACEMENT = 0xFFFD;

    /** Cuts {@code prompt} before the first character that does not fit {@code maxTokens} ≥ 1. */
    static BytePrompt of(String prompt, int maxTokens) {
        int[] ids = new int[maxTokens];
        boolean[] upper = new boolean[maxTokens];
        ids[0] = BEGIN;
        int count = 1;
        boolean space = false;
        String text = Normalizer.normalize(prompt, Normalizer.Form.NFC);
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            int character = text.codePointAt(i);
            if (Character.isWhitespace(character) || Character.isSpaceChar(character)) {
                space = count > 1;
                continue;
            }
            int lower = Character.toLowerCase(character);
            byte[] bytes = utf8(lower);
            if (count + (space ? 1 : 0) + bytes.length > maxTokens) {
                break;
            }
            if (space) {
                ids[count++] = ' ';
                space = false;
            }
            for (byte b : bytes) {
                upper[count] = lower != character;
                ids[count++] = b & 0xff;
            }
        }
        return new BytePrompt(Arrays.copyOf(ids, count), Arrays.copyOf(upper, count));
    }

    /** Half a surrogate pair is no character and becomes the replacement character. */
    private static byte[] utf8(int character) {
        boolean half = character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
        return Character.toString(half ? REPLACEMENT : character).getBytes(StandardCharsets.UTF_8);
    }

    int length() {
        return ids.length;
    }

    /**
     * The bucket of the n-gram that ends at {@code position}, cut where the prompt begins.
     *
     * @param order n ≥ 2
     * @return from 0 to {@code buckets} − 1, spread evenly; the same on every machine, for checkpoints depend on it
     */
    int bucket(int position, int order, int buckets) {
        long hash = 0xcbf29ce484222325L + order; // FNV-1a, 64 bits
        for (int i = Math.max(0, position - order + 1); i <= position; i++) {
            hash = (hash ^ ids[i]) * 0x100000001b3L;
        }
        hash ^= hash >>> 32; // FNV's low bits are the weaker ones
        hash *= 0x9E3779B97F4A7C15L;
        return (int) (((hash >>> 32) * buckets) >>> 32);
    }
}
