package mezzotint.ablation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mezzotint.ablation.RunRecord.Failed;
import mezzotint.ablation.RunRecord.Finished;
import mezzotint.ablation.RunRecord.Planned;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogbookRunnerTest {
    private static final LogbookRunner.Setting SETTING =
            new LogbookRunner.Setting("abc", "a machine", InstantSource.fixed(Instant.parse("2026-01-02T03:04:05.6Z")));

    private final Logbook logbook = new LogbookFile().parse(LogbookFileTest.LOGBOOK, "test");
    private final List<String> made = new ArrayList<>();

    @TempDir
    private Path folder;

    private RunRecords records;

    @BeforeEach
    void open() {
        records = new RunRecords(folder.resolve(LogbookRunner.RECORDS));
    }

    private int run(Logbook of, RunExecutor executor, int most, boolean failedToo) {
        made.clear();
        return new LogbookRunner(of, folder, SETTING).run(executor, failedToo, () -> made.size() >= most, QUIET);
    }

    private RunResult result(RunKey key) {
        made.add(key.toString());
        Map<String, Measure> metrics = new LinkedHashMap<>();
        metrics.put("loss", Measure.of(key.variant().equals("baseline") ? 1 : 1.5, true));
        metrics.put("nothing", Measure.of(Double.NaN, true));
        return new RunResult(
                2,
                320,
                100,
                List.of(2.0, 1.0),
                List.of(20L, 40L),
                List.of(1.0, Double.NaN, 0.5),
                new LinkedHashMap<>(metrics));
    }

    private static final LogbookRunner.Listener QUIET = new LogbookRunner.Listener() {
        @Override
        public void begins(RunKey key, int index, int count) {}

        @Override
        public void ended(RunRecord record) {}
    };

    @Test
    void goesOnWhereItStopped() {
        assertEquals(0, run(logbook, (key, _, _, _) -> result(key), 2, false));
        assertEquals(List.of("baseline-3", "velocity-3"), made);
        run(logbook, (key, _, _, _) -> result(key), 99, false);
        assertEquals(List.of("velocity-slow-3", "baseline-5", "velocity-5", "velocity-slow-5"), made);
        run(logbook, (key, _, _, _) -> result(key), 99, false);
        assertEquals(List.of(), made);
    }

    @Test
    void writesTheExpectationBeforeTheRun() {
        run(
                logbook,
                (key, _, _, _) -> {
                    Planned last =
                            assertInstanceOf(Planned.class, records.read().getLast());
                    assertEquals(key, last.key());
                    assertEquals(logbook.variant(key.variant()).orElseThrow().expectation(), last.expectation());
                    assertEquals("2026-01-02T03:04:05Z", last.provenance().time());
                    return result(key);
                },
                2,
                false);
        assertEquals(4, records.read().size());
        Finished read = assertInstanceOf(Finished.class, records.read().getLast());
        assertEquals(result(read.key()), read.result(), "what was written is what is read");
    }

    @Test
    void keepsFailuresAndRepeatsThemOnlyWhenAsked() {
        RunExecutor fails = (key, _, _, _) -> {
            made.add(key.toString());
            throw new FailedRunException("the loss is no number at step 7");
        };
        assertEquals(1, run(logbook, fails, 1, false));
        assertEquals(
                "the loss is no number at step 7",
                assertInstanceOf(Failed.class, records.read().getLast()).reason());
        run(logbook, (key, _, _, _) -> result(key), 1, false);
        assertEquals(List.of("velocity-3"), made);
        run(logbook, (key, _, _, _) -> result(key), 1, true);
        assertEquals(List.of("baseline-3"), made);
        assertEquals(1, new LogbookResults(logbook, records.read()).failures().size(), "the failure stays");
    }

    @Test
    void makesARunAgainWhenItsConfigurationChanged() {
        run(logbook, (key, _, _, _) -> result(key), 99, false);
        Logbook edited = new LogbookFile()
                .parse(LogbookFileTest.LOGBOOK.replace("learning_rate: 0.001", "learning_rate: 0.002"), "test");
        run(edited, (key, _, _, _) -> result(key), 99, false);
        assertEquals(List.of("velocity-slow-3", "velocity-slow-5"), made);
    }

    @Test
    void aTornLineIsForgottenAndAnotherBrokenOneIsNot() throws IOException {
        run(logbook, (key, _, _, _) -> result(key), 1, false);
        Path file = folder.resolve(LogbookRunner.RECORDS);
        String whole = Files.readString(file);
        Files.writeString(file, "{\"variant\": \"velo", StandardOpenOption.APPEND);
        assertEquals(2, records.read().size());
        run(logbook, (key, _, _, _) -> result(key), 1, false);
        assertTrue(Files.readString(file).startsWith(whole + "{"), "cut off before the next line");
        assertEquals(4, records.read().size());
        Files.writeString(file, "{\"variant\": 3}\n", StandardOpenOption.APPEND);
        String message =
                assertThrows(InvalidLogbookException.class, records::read).getMessage();
        assertTrue(message.contains("line 5 is no record of a run: key seed is missing"), message);
    }
}
