package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.io.MissingTensorException;
import mezzotint.testing.TestDevice;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandardizedTextTest {
    private final TestDevice device = new TestDevice();

    /** One token a character, of width 2: the character and 5. */
    private static final class Spelling implements FrozenTextEncoder {
        private final List<String> asked = new ArrayList<>();

        @Override
        public String name() {
            return "spelling-1";
        }

        @Override
        public int width() {
            return 2;
        }

        @Override
        public int maxTokens() {
            return 100;
        }

        @Override
        public List<float[]> states(List<String> prompts) {
            asked.addAll(prompts);
            return prompts.stream()
                    .map(prompt -> {
                        float[] states = new float[2 * prompt.length()];
                        for (int i = 0; i < prompt.length(); i++) {
                            states[2 * i] = prompt.charAt(i);
                            states[2 * i + 1] = 5;
                        }
                        return states;
                    })
                    .toList();
        }

        @Override
        public void close() {}
    }

    private float[] encode(TextEncoder text, String... prompts) {
        try (var arena = device.arena(1 << 20);
                var tape = Tape.inference(device.kernels(), arena)) {
            return text.encode(tape, List.of(prompts)).embeddings().toFloats();
        }
    }

    @Test
    void measuresEachDimensionOverAllTokensOfDifferentCaptions() {
        TextStatistics statistics = TextStatistics.measure(new Spelling(), List.of("\1\3", "\4\10", "\1\3"));
        // 1, 3, 4, 8: mean 4, squares 9 + 1 + 0 + 16 = 26, a quarter of it 6.5; 5 always: nothing to divide by
        assertArrayEquals(new float[] {4, 5}, statistics.mean());
        assertArrayEquals(new float[] {(float) Math.sqrt(6.5), 1}, statistics.deviation(), 1e-7f); // one rounding
        assertEquals("spelling-1", statistics.encoder());
    }

    @Property(tries = 50)
    void standardizedStatesHaveMeanZeroAndDeviationOne(
            @ForAll @Size(min = 2, max = 30) List<@IntRange(min = 1, max = 60_000) Integer> characters) {
        String caption = new String(characters.stream().mapToInt(i -> i).toArray(), 0, characters.size());
        Spelling spelling = new Spelling();
        TextStatistics statistics = TextStatistics.measure(spelling, List.of(caption));
        float[] y = statistics.standardize(spelling.states(List.of(caption)).getFirst());
        double mean = 0;
        double square = 0;
        for (int i = 0; i < y.length; i += 2) {
            mean += y[i] / (double) characters.size();
            square += y[i] * (double) y[i] / characters.size();
            assertEquals(0f, y[i + 1]);
        }
        double expected = caption.chars().distinct().count() > 1 ? 1 : 0;
        // means of up to 60,000 rounded to float32: 2⁻⁹ beside a deviation of at least 0.18
        assertEquals(0, mean, 0.02);
        assertEquals(expected, square, 0.02);
    }

    @Test
    void standardizesAndPads() {
        TextStatistics statistics = new TextStatistics("spelling-1", new float[] {4, 5}, new float[] {2, 1});
        float[] y = encode(new StandardizedText(new Spelling(), statistics), "\2", "\4\10");
        assertArrayEquals(new float[] {-1, 0, 0, 0, 0, 0, 2, 0}, y);
    }

    @Test
    void asksTheEncoderOnceForEachCaption() {
        Spelling spelling = new Spelling();
        TextStatistics statistics = new TextStatistics("spelling-1", new float[2], new float[] {1, 1});
        StandardizedText text = new StandardizedText(spelling, statistics);
        encode(text, "a", "b", "a");
        encode(text, "b", "c");
        assertEquals(List.of("a", "b", "c"), spelling.asked);
    }

    @Test
    void forgetsTheLeastRecentlyUsedWhenFull() {
        Spelling spelling = new Spelling();
        TextStatistics statistics = new TextStatistics("spelling-1", new float[2], new float[] {1, 1});
        StandardizedText text = new StandardizedText(spelling, statistics, 3 * 2 * Float.BYTES);
        encode(text, "a", "b", "c");
        encode(text, "a");
        encode(text, "d"); // b goes
        encode(text, "a", "c", "d");
        encode(text, "b");
        assertEquals(List.of("a", "b", "c", "d", "b"), spelling.asked);
        StandardizedText without = new StandardizedText(spelling, statistics, 0);
        assertArrayEquals(new float[] {'x', 5}, encode(without, "x"));
        assertArrayEquals(new float[] {'x', 5}, encode(without, "x"));
    }

    @Test
    void statisticsOutliveTheProgram(@TempDir Path folder) {
        Path file = folder.resolve("text_statistics.safetensors");
        new TextStatistics("spelling-1", new float[] {1, 2}, new float[] {3, 4}).write(file);
        TextStatistics read = TextStatistics.read(file);
        assertEquals("spelling-1", read.encoder());
        assertArrayEquals(new float[] {1, 2}, read.mean());
        assertArrayEquals(new float[] {3, 4}, read.deviation());
        new mezzotint.io.SafeTensorsWriter().write(file);
        assertThrows(MissingTensorException.class, () -> TextStatistics.read(file));
    }

    @Test
    void refusesStatisticsOfAnotherEncoder() {
        TextStatistics other = new TextStatistics("reading-1", new float[2], new float[] {1, 1});
        var e = assertThrows(IllegalArgumentException.class, () -> new StandardizedText(new Spelling(), other));
        assertEquals(
                "text statistics of reading-1 (width 2) do not belong to the encoder spelling-1 (width 2);"
                        + " measure them again",
                e.getMessage());
    }

    @Test
    void refusesImpossibleStatistics() {
        float[] ones = {1, 1};
        assertThrows(IllegalArgumentException.class, () -> new TextStatistics("x", ones, new float[] {1, 0}));
        assertThrows(IllegalArgumentException.class, () -> new TextStatistics("x", ones, new float[] {1, Float.NaN}));
        assertThrows(IllegalArgumentException.class, () -> new TextStatistics("x", new float[] {1}, ones));
        assertThrows(IllegalArgumentException.class, () -> TextStatistics.measure(new Spelling(), List.of()));
    }
}
