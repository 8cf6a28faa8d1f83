package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Tape;
import mezzotint.io.FileReadException;
import mezzotint.io.MissingTensorException;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptTest {
    private static final TestDevice DEVICE = new TestDevice();

    @TempDir
    Path folder;

    /** As many tokens as letters, each of which is its code and its place. */
    private static final class Spelling implements FrozenTextEncoder {
        @Override
        public String name() {
            return "spelling";
        }

        @Override
        public int width() {
            return 2;
        }

        @Override
        public int maxTokens() {
            return 9;
        }

        @Override
        public List<float[]> states(List<String> prompts) {
            return prompts.stream()
                    .map(prompt -> {
                        float[] states = new float[2 * prompt.length()];
                        for (int t = 0; t < prompt.length(); t++) {
                            states[2 * t] = prompt.charAt(t);
                            states[2 * t + 1] = t;
                        }
                        return states;
                    })
                    .toList();
        }

        @Override
        public void close() {}
    }

    private static final PromptStates STATES =
            new PromptStates(new float[] {1, 2, 3, 4, 5, 6}, 2, new boolean[] {false, true, true});

    @Test
    void wordsAndStatesShareABatch() {
        try (TensorArena arena = DEVICE.arena(1 << 16);
                Tape tape = Tape.inference(DEVICE.kernels(), arena)) {
            TextTokens tokens = TextTokens.of(
                    tape, new Spelling(), List.of(Prompt.of("ab"), Prompt.of(STATES), Prompt.of(""), Prompt.of("c")));
            assertArrayEquals(
                    new float[] {'a', 0, 'b', 1, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0, 'c', 0, 0, 0, 0, 0},
                    tokens.embeddings().toFloats());
            List<PromptStates> back = tokens.states();
            assertArrayEquals(new boolean[] {true, true, false}, back.get(0).mask());
            assertEquals(STATES, back.get(1));
            assertEquals(0, back.get(2).realTokens());
            assertEquals(1, back.get(3).realTokens());
        }
    }

    @Test
    void wordsAloneAreTheEncodersMatter() {
        try (TensorArena arena = DEVICE.arena(1 << 16);
                Tape tape = Tape.inference(DEVICE.kernels(), arena)) {
            List<String> words = List.of("ab", "c");
            assertArrayEquals(
                    new Spelling().encode(tape, words).embeddings().toFloats(),
                    TextTokens.of(tape, new Spelling(), List.of(Prompt.of("ab"), Prompt.of("c")))
                            .embeddings()
                            .toFloats());
            assertEquals(
                    List.of(STATES),
                    TextTokens.of(tape, new Spelling(), List.of(Prompt.of(STATES)))
                            .states());
        }
    }

    @Test
    void statesOfAnotherWidthAreRefused() {
        PromptStates wide = PromptStates.unmasked(new float[3], 3);
        try (TensorArena arena = DEVICE.arena(1 << 16);
                Tape tape = Tape.inference(DEVICE.kernels(), arena)) {
            var e = assertThrows(
                    ShapeMismatchException.class, () -> TextTokens.of(tape, new Spelling(), List.of(Prompt.of(wide))));
            assertEquals(
                    "embedded prompt: states of width 3, expected 2; encode it with this model's text encoder",
                    e.getMessage());
            assertThrows(ShapeMismatchException.class, () -> PromptStates.padded(tape, List.of(STATES, wide)));
            assertThrows(ShapeMismatchException.class, () -> PromptStates.padded(tape, List.of()));
            assertThrows(ShapeMismatchException.class, () -> TextTokens.of(tape, new Spelling(), List.of()));
        }
    }

    @Test
    void maskedTokensCanBeDropped() {
        assertEquals(PromptStates.unmasked(new float[] {3, 4, 5, 6}, 2), STATES.withoutMasked());
        PromptStates whole = PromptStates.unmasked(new float[4], 2);
        assertSame(whole, whole.withoutMasked());
        PromptStates none = new PromptStates(new float[] {7, 8, 9, 10}, 2, new boolean[2]).withoutMasked();
        assertEquals(new PromptStates(new float[2], 2, new boolean[1]), none);
    }

    @Test
    void statesAreWholeAndFinite() {
        assertThrows(ShapeMismatchException.class, () -> new PromptStates(new float[3], 2, new boolean[2]));
        assertThrows(ShapeMismatchException.class, () -> new PromptStates(new float[0], 2, new boolean[0]));
        var e = assertThrows(
                IllegalArgumentException.class, () -> PromptStates.unmasked(new float[] {0, 0, 0, Float.NaN}, 2));
        assertEquals(
                "prompt states: token 1, dimension 1 is NaN, expected a finite number; compute them again",
                e.getMessage());
        assertNotEquals(STATES, PromptStates.unmasked(STATES.values(), 2));
        assertEquals(STATES.hashCode(), new PromptStates(STATES.values().clone(), 2, STATES.mask()).hashCode());
        assertEquals("PromptStates(3, 2), 2 of them real", STATES.toString());
    }

    @Test
    void aFileGivesBackWhatItWasGiven() {
        Path file = folder.resolve("fox.safetensors");
        PromptStatesFile.write(file, STATES);
        assertEquals(List.of(STATES), PromptStatesFile.read(file, PromptStatesFile.PROMPT));
        var e = assertThrows(
                MissingTensorException.class, () -> PromptStatesFile.read(file, PromptStatesFile.NEGATIVE_PROMPT));
        assertTrue(e.getMessage().startsWith("there is no tensor \"negative_prompt_embeds\" among the 2 of " + file));
        assertThrows(
                FileReadException.class, () -> PromptStatesFile.read(folder.resolve("none"), PromptStatesFile.PROMPT));
    }

    @Test
    void readsWhatAPipelineSaved() {
        Path file = folder.resolve("saved.safetensors");
        new SafeTensorsWriter(Map.of())
                .add("prompt_embeds", DType.BF16, Shape.of(2, 2, 1), new float[] {1, 2, 3, 4})
                .addStreamed(
                        "prompt_attention_mask",
                        DType.I64,
                        Shape.of(2, 2),
                        out -> out.write(new byte[] {
                            1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
                            0
                        }))
                .add("negative_prompt_embeds", DType.F32, Shape.of(1, 1), new float[] {5})
                .write(file);
        assertEquals(
                List.of(
                        new PromptStates(new float[] {1, 2}, 1, new boolean[] {true, false}),
                        PromptStates.unmasked(new float[] {3, 4}, 1)),
                PromptStatesFile.read(file, PromptStatesFile.PROMPT));
        assertEquals(
                List.of(PromptStates.unmasked(new float[] {5}, 1)),
                PromptStatesFile.read(file, PromptStatesFile.NEGATIVE_PROMPT));
    }

    @Test
    void refusesShapesThatDoNotFit() {
        Path file = folder.resolve("odd.safetensors");
        new SafeTensorsWriter(Map.of())
                .add("prompt_embeds", DType.F32, Shape.of(4), new float[4])
                .add("negative_prompt_embeds", DType.F32, Shape.of(2, 2), new float[4])
                .add("negative_prompt_attention_mask", DType.F32, Shape.of(1, 2), new float[2])
                .write(file);
        var rank = assertThrows(TextFormatException.class, () -> PromptStatesFile.read(file, PromptStatesFile.PROMPT));
        assertEquals(file + ": prompt_embeds: expected (T, D) or (B, T, D), got (4)", rank.getMessage());
        var mask = assertThrows(
                TextFormatException.class, () -> PromptStatesFile.read(file, PromptStatesFile.NEGATIVE_PROMPT));
        assertEquals(file + ": negative_prompt_attention_mask: expected (2), got (1, 2)", mask.getMessage());
    }
}
