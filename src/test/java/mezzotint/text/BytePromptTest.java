package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class BytePromptTest {
    private static final int NEVER_CUT = 1 << 16;

    @Provide
    Arbitrary<String> anyUnicode() {
        // every 16-bit unit there is, halves of surrogate pairs included
        return Arbitraries.strings()
                .withChars(Character.MIN_VALUE, Character.MAX_VALUE)
                .ofMaxLength(60);
    }

    @Property(tries = 500)
    void takesAnyStringAndCutsItBetweenCharacters(
            @ForAll("anyUnicode") String prompt, @ForAll @IntRange(min = 1, max = 80) int maxTokens)
            throws CharacterCodingException {
        BytePrompt cut = BytePrompt.of(prompt, maxTokens);
        assertTrue(cut.length() >= 1 && cut.length() <= maxTokens);
        assertEquals(cut.length(), cut.upper().length);
        assertEquals(BytePrompt.BEGIN, cut.ids()[0]);
        String whole = text(BytePrompt.of(prompt, NEVER_CUT));
        assertTrue(whole.startsWith(text(cut)));
    }

    @Property(tries = 200)
    void cutsAsLateAsItCan(@ForAll("anyUnicode") String prompt, @ForAll @IntRange(min = 1, max = 80) int maxTokens)
            throws CharacterCodingException {
        String whole = text(BytePrompt.of(prompt, NEVER_CUT));
        String cut = text(BytePrompt.of(prompt, maxTokens));
        if (cut.length() < whole.length()) {
            // The space before a word is taken with the word's first letter.
            int more = whole.offsetByCodePoints(cut.length(), whole.charAt(cut.length()) == ' ' ? 2 : 1);
            int bytes = whole.substring(0, more).getBytes(StandardCharsets.UTF_8).length;
            assertTrue(1 + bytes > maxTokens, "there was room for one more character");
        }
    }

    /** The text after the begin token; strict, so that half a character fails. */
    private static String text(BytePrompt prompt) throws CharacterCodingException {
        byte[] bytes = new byte[prompt.length() - 1];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) prompt.ids()[i + 1];
        }
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
    }

    @Test
    void spellsOutBytes() {
        // ü is c3 bc, 草 is e8 8d 89
        BytePrompt prompt = BytePrompt.of("Mü草", 64);
        assertArrayEquals(new int[] {256, 'm', 0xc3, 0xbc, 0xe8, 0x8d, 0x89}, prompt.ids());
        assertArrayEquals(new boolean[] {false, true, false, false, false, false, false}, prompt.upper());
    }

    @Test
    void marksBothBytesOfACapital() {
        BytePrompt prompt = BytePrompt.of("Ü", 64);
        assertArrayEquals(new int[] {256, 0xc3, 0xbc}, prompt.ids());
        assertArrayEquals(new boolean[] {false, true, true}, prompt.upper());
    }

    @Test
    void composesAccents() {
        assertArrayEquals(
                BytePrompt.of("é", 64).ids(), BytePrompt.of("e\u0301", 64).ids());
    }

    @Test
    void joinsWhiteSpace() {
        int[] expected = BytePrompt.of("a red apple", 64).ids();
        assertArrayEquals(
                expected, BytePrompt.of("  a\tred \n\u3000 apple\u00a0", 64).ids());
    }

    @Test
    void hasOnlyTheBeginTokenForAnEmptyPrompt() {
        assertArrayEquals(new int[] {256}, BytePrompt.of("", 64).ids());
        assertArrayEquals(new int[] {256}, BytePrompt.of(" \n", 64).ids());
        assertArrayEquals(new int[] {256}, BytePrompt.of("apple", 1).ids());
    }

    @Test
    void replacesHalfASurrogatePair() {
        // the replacement character is ef bf bd; the strawberry f0 9f 8d 93
        assertArrayEquals(
                new int[] {256, 0xef, 0xbf, 0xbd}, BytePrompt.of("\ud83c", 64).ids());
        assertArrayEquals(
                new int[] {256, 0xf0, 0x9f, 0x8d, 0x93},
                BytePrompt.of("\ud83c\udf53", 64).ids());
    }

    @Property(tries = 200)
    void hashesNgramsAsDefined(
            @ForAll("anyUnicode") String prompt,
            @ForAll @IntRange(min = 2, max = 8) int order,
            @ForAll @IntRange(min = 1, max = 100_000) int buckets) {
        BytePrompt cut = BytePrompt.of(prompt, 64);
        int last = cut.length() - 1;
        int[] ngram = Arrays.copyOfRange(cut.ids(), Math.max(0, last + 1 - order), last + 1);
        assertEquals(bucket(ngram, order, buckets), cut.bucket(last, order, buckets));
    }

    /** FNV-1a over the ids, the order added to its start; halves folded, times the golden ratio, high half times buckets. */
    private static int bucket(int[] ngram, int order, int buckets) {
        BigInteger mask = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);
        BigInteger hash = new BigInteger("14695981039346656037")
                .add(BigInteger.valueOf(order))
                .and(mask);
        for (int id : ngram) {
            hash = hash.xor(BigInteger.valueOf(id))
                    .multiply(new BigInteger("1099511628211"))
                    .and(mask);
        }
        hash = hash.xor(hash.shiftRight(32))
                .multiply(new BigInteger("11400714819323198485"))
                .and(mask);
        return hash.shiftRight(32)
                .multiply(BigInteger.valueOf(buckets))
                .shiftRight(32)
                .intValueExact();
    }

    @Test
    void spreadsNgramsEvenly() {
        int buckets = 64;
        int[] counts = new int[buckets];
        for (int i = 0; i < 64 * 64; i++) {
            BytePrompt pair = BytePrompt.of("" + (char) ('a' + i % 26) + (char) ('a' + i / 26 % 26) + i, 64);
            counts[pair.bucket(pair.length() - 1, 4, buckets)]++;
        }
        // χ² with 63 degrees of freedom exceeds 130 once in a million; the numbers are fixed, so that it never
        // flickers.
        double chiSquare = IntStream.of(counts)
                .mapToDouble(n -> (n - 64.0) * (n - 64.0) / 64)
                .sum();
        assertTrue(chiSquare < 130, "χ² " + chiSquare);
    }
}
