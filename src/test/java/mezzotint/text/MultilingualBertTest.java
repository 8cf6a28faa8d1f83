package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.io.FileReadException;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.testing.ReferenceText;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultilingualBertTest {
    private static final TestDevice DEVICE = new TestDevice();
    private static final TinyBert TINY = new TinyBert();

    @TempDir
    private static Path folder;

    @BeforeAll
    static void convert() {
        TinyBert.convert(TINY.jar(folder), folder);
    }

    private static MultilingualBert open(int maxTokens) {
        return MultilingualBert.open(DEVICE, folder, folder.resolve("natives"), maxTokens);
    }

    private static int[] ids(String... pieces) {
        return Arrays.stream(pieces).mapToInt(TinyBert.VOCABULARY::indexOf).toArray();
    }

    private static double[] reference(int[] ids) {
        return ReferenceText.bert(TINY.converted(), ids, TinyBert.WIDTH, TinyBert.LAYERS, TinyBert.HEADS, 1e-12);
    }

    @Test
    void statesAreThoseOfTheDefinition() {
        try (MultilingualBert bert = open(10)) {
            float[] states = bert.states(List.of("a red strawberry")).getFirst();
            int[] ids = ids("[CLS]", "a", "red", "straw", "##berry", "[SEP]");
            // about 16 sums of 12 to 20 float32 products after each other, each normalised
            RelativeError.assertRelativeError(states, reference(ids), 3e-6);
        }
    }

    @Test
    void takesPromptsApartAsACasedBertDoes() {
        try (MultilingualBert bert = open(10)) {
            List<String> prompts = List.of("", "Foxes.", "e\u0301猫猫", "blue FOX");
            List<float[]> states = bert.states(prompts);
            int[][] expected = {
                ids("[CLS]", "[SEP]"),
                ids("[CLS]", "Fox", "##es", ".", "[SEP]"),
                ids("[CLS]", "é", "猫", "猫", "[SEP]"),
                ids("[CLS]", "[UNK]", "[UNK]", "[SEP]")
            };
            for (int i = 0; i < expected.length; i++) {
                RelativeError.assertRelativeError(prompts.get(i), states.get(i), reference(expected[i]), 3e-6);
            }
        }
    }

    @Test
    void cutsLongPromptsAndKeepsTheEndToken() {
        try (MultilingualBert bert = open(4)) {
            float[] states = bert.states(List.of("a red fox a red fox")).getFirst();
            RelativeError.assertRelativeError(states, reference(ids("[CLS]", "a", "red", "[SEP]")), 3e-6);
        }
    }

    @Test
    void ignoresPaddingAndCompanions() {
        try (MultilingualBert bert = open(16)) {
            List<String> prompts = List.of("a", "a red fox a red fox a red fox", "", "Fox");
            List<float[]> together = bert.states(prompts);
            for (int i = 0; i < prompts.size(); i++) {
                double[] alone =
                        Tensors.doubles(bert.states(List.of(prompts.get(i))).getFirst());
                // Masked tokens have no part in any sum; only where vectors end, and so the last bit of an erf,
                // differs.
                RelativeError.assertRelativeError(prompts.get(i), together.get(i), alone, 1e-6);
            }
        }
    }

    @Test
    void encodesMorePromptsThanFitOneBatch() {
        try (MultilingualBert bert = open(16)) {
            List<String> prompts =
                    Arrays.stream(new int[40]).mapToObj(i -> "a fox").toList();
            List<float[]> states = bert.states(prompts);
            assertEquals(40, states.size());
            states.forEach(each -> assertArrayEquals(states.getFirst(), each));
        }
    }

    @Test
    void padsWithZerosAndMasksThem() {
        try (MultilingualBert bert = open(16);
                var arena = DEVICE.arena(1 << 20);
                var tape = Tape.inference(DEVICE.kernels(), arena)) {
            TextTokens tokens = bert.encode(tape, List.of("a", ""));
            assertEquals("(2, 3, 12)", tokens.embeddings().shape().toString());
            assertArrayEquals(new byte[] {1, 1, 1, 1, 1, 0}, Tensors.bytes(tokens.mask()));
            float[] values = tokens.embeddings().toFloats();
            assertArrayEquals(new float[12], Arrays.copyOfRange(values, 60, 72));
        }
    }

    @Test
    void takesAnyUnicode() {
        try (MultilingualBert bert = open(16)) {
            var random = new PhiloxRandom(7);
            for (int i = 0; i < 100; i++) {
                char[] units = new char[random.below(40)];
                for (int j = 0; j < units.length; j++) {
                    units[j] = (char) random.below(j % 2 == 0 ? 1 << 16 : 1 << 8);
                }
                float[] states = bert.states(List.of(new String(units))).getFirst();
                assertTrue(states.length >= 2 * TinyBert.WIDTH && states.length <= 16 * TinyBert.WIDTH);
                for (float state : states) {
                    assertTrue(Float.isFinite(state));
                }
            }
        }
    }

    @Test
    void isCalledByNameAndVersion() {
        try (MultilingualBert bert = open(16)) {
            assertEquals("bert-multi-1", bert.name());
            assertEquals(TinyBert.WIDTH, bert.width());
            assertEquals(16, bert.maxTokens());
        }
    }

    @Test
    void refusesLengthsItCannotHave() {
        var e = assertThrows(IllegalArgumentException.class, () -> open(17));
        assertEquals("bert-multi: expected at most 16 tokens and at least 2, got 17", e.getMessage());
    }

    @Test
    void namesWhatIsMissingOrBroken(@TempDir Path other) throws IOException {
        var e = assertThrows(FileReadException.class, () -> MultilingualBert.open(DEVICE, other, other, 8));
        assertTrue(e.getMessage().contains("tokenizer.json"), e.getMessage());
        Files.writeString(other.resolve("tokenizer.json"), "{}");
        e = assertThrows(FileReadException.class, () -> MultilingualBert.open(DEVICE, other, other, 8));
        assertTrue(e.getMessage().contains("no tokenizer"), e.getMessage());
        Files.copy(
                folder.resolve("tokenizer.json"), other.resolve("tokenizer.json"), StandardCopyOption.REPLACE_EXISTING);
        e = assertThrows(FileReadException.class, () -> MultilingualBert.open(DEVICE, other, other, 8));
        assertTrue(e.getMessage().contains("config.json"), e.getMessage());
    }
}
