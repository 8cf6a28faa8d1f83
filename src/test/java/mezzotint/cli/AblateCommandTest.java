package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mezzotint.ablation.LogbookRunner;
import mezzotint.ablation.RunRecord;
import mezzotint.ablation.RunRecords;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AblateCommandTest {
    private static final String LOGBOOK = """
        name: smallest
        question: Does it run?
        base:
          model: {preset: cpu_nano}
          text: {width: 64, layers: 1, heads: 2, max_tokens: 16}
          data: {image_size: 16}
          run: {steps: 2, batch_size: 2, checkpoint_every: 0, preview_every: 0}
        seeds: [1]
        judging: {pictures: 4, steps: 1, guidance: 2, encoder: none, headline: distance, seed: 3}
        variants:
          - {name: baseline}
          - {name: broken, change: {model: {codec: no-such-folder}}}
        """;

    @TempDir
    private Path folder;

    private Path logbook() throws IOException {
        return Files.writeString(folder.resolve("logbook.yaml"), LOGBOOK);
    }

    @Test
    void runsWhatIsMissingKeepsFailuresAndReports() throws IOException {
        Path out = folder.resolve("out");
        Command first = Command.run("ablate", logbook().toString(), "--out", out.toString(), "--threads", "1");
        assertEquals(1, first.status(), "one run failed: " + first.err());
        List<RunRecord> records = new RunRecords(out.resolve(LogbookRunner.RECORDS)).read();
        assertEquals(4, records.size());
        RunRecord.Finished finished = (RunRecord.Finished) records.get(1);
        double distance = finished.result().metrics().get(RunJudge.DISTANCE).value();
        assertTrue(distance > 0 && distance < 1, "root mean square of colours: " + distance);
        assertEquals(4, finished.result().pictures());
        assertTrue(((RunRecord.Failed) records.get(3)).reason().contains("no-such-folder"));
        String html = Files.readString(out.resolve("report.html"));
        assertTrue(html.contains("data:image/png;base64,"), "the sheet of samples");
        assertTrue(Files.size(out.resolve("runs/baseline-1/events.out.tfevents.0.mezzotint")) > 100);
        Command again = Command.run("ablate", logbook().toString(), "--out", out.toString(), "--threads", "1");
        assertEquals(0, again.status(), again.err());
        assertEquals(
                4, new RunRecords(out.resolve(LogbookRunner.RECORDS)).read().size(), "nothing is made twice");
    }

    @Test
    void aLogbookThatIsWrongIsRefusedInASentence() throws IOException {
        Path file = Files.writeString(folder.resolve("wrong.yaml"), LOGBOOK.replace("seeds", "seedz"));
        Command command = Command.run(
                "ablate", file.toString(), "--out", folder.resolve("out").toString());
        assertEquals(2, command.status());
        assertTrue(command.err().contains("nearest is seeds"), command.err());
        assertTrue(Files.notExists(folder.resolve("out")));
        Command report = Command.run("ablate", logbook().toString(), "--report", "--out", folder.toString());
        assertEquals(2, report.status());
        assertTrue(report.err().contains("holds no runs of a logbook"), report.err());
    }
}
