package mezzotint.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import mezzotint.training.InvalidTrainingConfigException;
import mezzotint.training.TrainingConfig;
import org.junit.jupiter.api.Test;

class LogbookFileTest {
    static final String LOGBOOK = """
        name: tiny
        question: Which prediction learns most?
        base: {run: {steps: 40, batch_size: 8}}
        seeds: [3, 5]
        judging: {pictures: 16, steps: 4, guidance: 3, encoder: none, headline: loss, seed: 7}
        variants:
          - {name: baseline, title: x-prediction}
          - name: velocity
            title: v-prediction
            change: {flow: {prediction: v}}
            expect: {direction: worse, because: the noise has to go through}
            published: {direction: worse, figures: "17 → 40", source: JiT}
          - name: velocity-slow
            change: {flow: {prediction: v}, optimizer: {learning_rate: 0.001}}
            against: velocity
        """;

    private final LogbookFile files = new LogbookFile();

    @Test
    void readsEveryPart() {
        Logbook logbook = files.parse(LOGBOOK, "test");
        assertEquals(List.of(3L, 5L), logbook.seeds());
        assertEquals(new Judging(16, 4, 3, "none", "loss", 7), logbook.judging());
        Variant velocity = logbook.variants().get(1);
        assertEquals(Optional.of("baseline"), velocity.against());
        assertEquals(
                Optional.of(new Expectation(Direction.WORSE, "the noise has to go through")), velocity.expectation());
        assertEquals(Optional.of(new Published(Direction.WORSE, "17 → 40", "JiT")), velocity.published());
        assertEquals(Optional.of("velocity"), logbook.variants().get(2).against());
        assertEquals("velocity-slow", logbook.variants().get(2).title());
    }

    @Test
    void aRunHasBaseChangeAndSeed() {
        Logbook logbook = files.parse(LOGBOOK, "test");
        TrainingConfig config = logbook.config(logbook.variants().get(1), 5);
        assertEquals("v", config.flow().prediction());
        assertEquals(40, config.run().steps());
        assertEquals(5, config.run().seed());
        assertEquals(TrainingConfig.QUICKSTART.model(), config.model());
    }

    @Test
    void runsGoSeedBySeed() {
        assertEquals(
                List.of("baseline-3", "velocity-3", "velocity-slow-3", "baseline-5", "velocity-5", "velocity-slow-5"),
                files.parse(LOGBOOK, "test").runs().stream()
                        .map(RunKey::toString)
                        .toList());
    }

    @Test
    void saysWhereItIsWrong() {
        assertWrong(LOGBOOK.replace("seeds:", "seed:"), "test, key seed: expected one of", "nearest is seeds");
        assertWrong(LOGBOOK.replace("seeds: [3, 5]", "seeds: [3, 3]"), "expected different ones, got [3, 3]");
        assertWrong(LOGBOOK.replace("direction: worse, because", "direction: wrose, because"), "got \"wrose\"");
        assertWrong(LOGBOOK.replace("against: velocity", "against: speed"), "against expected a variant above it");
        assertWrong(LOGBOOK.replace("name: velocity-slow", "name: velocity"), "comes twice");
        assertWrong(LOGBOOK.replace("name: velocity-slow", "name: ../up"), "letters, digits, dots and dashes");
        assertWrong(LOGBOOK.replace("pictures: 16", "pictures: 1"), "at least 2 pictures");
        assertWrong(LOGBOOK.replace("variants:", "variants: 3\nrest:"), "key rest");
        assertWrong("- a\n", "test: expected keys and values");
        assertWrong("a: [", "is no YAML");
        assertTrue(assertThrows(
                        InvalidTrainingConfigException.class,
                        () -> files.parse(LOGBOOK.replace("{prediction: v}, opt", "{predicton: v}, opt"), "test"))
                .getMessage()
                .contains("variant velocity-slow, change, key flow.predicton"));
        Path absent = Path.of("no-such-logbook.yaml");
        assertTrue(assertThrows(InvalidLogbookException.class, () -> files.read(absent))
                .getMessage()
                .endsWith("there is no such file"));
    }

    private void assertWrong(String text, String... words) {
        String message = assertThrows(InvalidLogbookException.class, () -> files.parse(text, "test"))
                .getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }
}
