package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import mezzotint.autograd.Tape;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.RelativeError;
import mezzotint.testing.TestDevice;
import mezzotint.text.cleaning.PromptCleaner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedTextEncoderTest {
    private static final TestDevice DEVICE = new TestDevice();
    private static final Path GEMMA = Path.of("src/test/resources/golden/tokenizer_gemma_style/tokenizer");
    private static final Path QWEN = Path.of("src/test/resources/golden/tokenizer_qwen_style/tokenizer");

    @TempDir
    static Path natives;

    @TempDir
    Path folder;

    private Path t5Gemma;
    private Path qwen;

    @BeforeEach
    void write() {
        t5Gemma = TinyTower.t5Gemma(1000).write(folder.resolve("t5gemma"));
        qwen = TinyTower.qwen(709).write(folder.resolve("qwen"));
    }

    private static PublishedTextEncoder.Setup setup(PromptCleaner cleaner, int tokens) {
        return new PublishedTextEncoder.Setup(cleaner, OptionalInt.of(tokens), natives, TextTower.Options.DEFAULT);
    }

    private PublishedTextEncoder openQwen(int tokens) {
        return PublishedTextEncoder.open(DEVICE, qwen, QWEN, setup(PromptCleaner.BASIC, tokens));
    }

    @Test
    void leavesPaddingOutAndChangesNothing() {
        try (PublishedTextEncoder encoder = openQwen(12)) {
            List<String> prompts = List.of("a red fox in the snow", "a", "a red fox");
            TokenBatch batch = encoder.tokens(prompts);
            float[] padded = encoder.tower().run(batch.ids(), batch.masks(), (layer, states) -> {});
            List<PromptStates> states = encoder.paddedStates(prompts);
            for (int b = 0; b < prompts.size(); b++) {
                assertArrayEquals(batch.masks().get(b), states.get(b).mask());
                for (int t = 0; t < 12; t++) {
                    if (batch.masks().get(b)[t]) {
                        // sums of 16 products and the softmax over other widths, twice
                        RelativeError.assertRelativeError(
                                row(states.get(b).values(), t), doubles(row(padded, b * 12 + t)), 1e-6);
                    }
                }
            }
        }
    }

    private static float[] row(float[] states, int row) {
        return java.util.Arrays.copyOfRange(states, row * TinyTower.WIDTH, (row + 1) * TinyTower.WIDTH);
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    @Test
    void aPromptsStatesDoNotDependOnItsNeighbours() {
        try (PublishedTextEncoder encoder = openQwen(12)) {
            float[] alone = encoder.states(List.of("a red fox")).getFirst();
            List<float[]> among = encoder.states(List.of("a red fox in the snow", "a red fox", "", "a red fox"));
            RelativeError.assertRelativeError(among.get(1), doubles(alone), 1e-6); // sums in another order
            assertArrayEquals(among.get(1), among.get(3));
        }
    }

    @Test
    void theEmptyPromptOfQwenHasNoTokenAndThatOfGemmaOne() {
        try (PublishedTextEncoder encoder = openQwen(12);
                PublishedTextEncoder gemma =
                        PublishedTextEncoder.open(DEVICE, t5Gemma, GEMMA, setup(PromptCleaner.FULL, 12));
                TensorArena arena = DEVICE.arena(1 << 20);
                Tape tape = Tape.inference(DEVICE.kernels(), arena)) {
            assertEquals(0, encoder.states(List.of("")).getFirst().length);
            assertEquals(TinyTower.WIDTH, gemma.states(List.of("")).getFirst().length);
            TextTokens tokens = encoder.encode(tape, List.of(""));
            assertEquals(1, tokens.embeddings().shape().dim(1));
            assertFalse(tokens.states().getFirst().mask()[0]);
            assertEquals(0, encoder.paddedStates(List.of("")).getFirst().realTokens());
        }
    }

    @Test
    void longPromptsAreCutAndCleanedOnesAreShorter() {
        try (PublishedTextEncoder encoder = openQwen(5)) {
            assertEquals(
                    5 * TinyTower.WIDTH,
                    encoder.states(List.of("a red fox ".repeat(40))).getFirst().length);
        }
        try (PublishedTextEncoder basic =
                        PublishedTextEncoder.open(DEVICE, t5Gemma, GEMMA, setup(PromptCleaner.BASIC, 12));
                PublishedTextEncoder full =
                        PublishedTextEncoder.open(DEVICE, t5Gemma, GEMMA, setup(PromptCleaner.FULL, 12))) {
            assertArrayEquals(
                    basic.states(List.of("a red fox")).getFirst(),
                    full.states(List.of("A red FOX fox.png")).getFirst());
        }
    }

    @Test
    void manyPromptsPassInSeveralBatches() {
        try (PublishedTextEncoder encoder = openQwen(300)) {
            String prompt = "a red fox in the snow ".repeat(60);
            List<String> prompts = new java.util.ArrayList<>();
            for (int i = 0; i < 6; i++) {
                prompts.add(prompt + i);
            }
            List<float[]> states = encoder.states(prompts);
            assertEquals(6, states.size());
            RelativeError.assertRelativeError(
                    states.get(4),
                    doubles(encoder.states(List.of(prompts.get(4))).getFirst()),
                    1e-6);
        }
    }

    @Test
    void takesTheTokenizersLengthUnlessTold() throws IOException {
        var open = new PublishedTextEncoder.Setup(
                PromptCleaner.FULL, OptionalInt.empty(), natives, TextTower.Options.DEFAULT);
        try (PublishedTextEncoder encoder = PublishedTextEncoder.open(DEVICE, t5Gemma, GEMMA, open)) {
            assertEquals(20, encoder.maxTokens());
            assertEquals("t5gemma-16", encoder.name());
            assertEquals(16, encoder.width());
            assertTrue(encoder.memoryBytes() > 0);
        }
        var e = assertThrows(TextFormatException.class, () -> PublishedTextEncoder.open(DEVICE, qwen, QWEN, open));
        assertEquals(
                QWEN.resolve("tokenizer_config.json")
                        + ": model_max_length, or the tokens asked for: expected from 1 to 4096, got 131072",
                e.getMessage());
    }

    @Test
    void aTokenizerOfAnotherModelIsNoticed() {
        Path small = TinyTower.qwen().write(folder.resolve("small"));
        try (PublishedTextEncoder encoder =
                PublishedTextEncoder.open(DEVICE, small, QWEN, setup(PromptCleaner.BASIC, 12))) {
            var e = assertThrows(IllegalArgumentException.class, () -> encoder.states(List.of("a red fox")));
            assertTrue(e.getMessage().endsWith("is not among its 32; does the tokenizer belong to this encoder?"));
        }
    }

    @Test
    void releasedMemoryIsTakenAgain() {
        try (PublishedTextEncoder encoder = openQwen(12)) {
            float[] before = encoder.states(List.of("a")).getFirst();
            encoder.release();
            assertArrayEquals(before, encoder.states(List.of("a")).getFirst());
        }
    }

    @Test
    void closesTheTokenizerWhereTheNetworkDoesNotOpen() throws IOException {
        Files.delete(qwen.resolve("model.safetensors"));
        assertThrows(mezzotint.io.FileReadException.class, () -> openQwen(12));
    }
}
