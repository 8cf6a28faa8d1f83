package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import mezzotint.io.NearestName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingConfigFileTest {
    private final TrainingConfigFile file = new TrainingConfigFile();

    @TempDir
    Path folder;

    private TrainingConfig parse(String yaml) {
        return file.parse(yaml, TrainingConfig.QUICKSTART, "my.yaml");
    }

    private String refused(String yaml) {
        return assertThrows(InvalidTrainingConfigException.class, () -> parse(yaml))
                .getMessage();
    }

    @Test
    void nothingNamedIsTheBase() {
        assertEquals(TrainingConfig.QUICKSTART, parse(""));
        assertEquals(TrainingConfig.QUICKSTART, parse("# only a comment\n"));
        assertEquals(TrainingConfig.QUICKSTART, parse("{}"));
    }

    @Test
    void namedKeysReplaceTheBase() {
        TrainingConfig config =
                parse("run: {steps: 500, seed: 7}\nflow: {prediction: v}\ndata:\n  languages: [en, de]\n");
        assertEquals(500, config.run().steps());
        assertEquals(7, config.run().seed());
        assertEquals(TrainingConfig.QUICKSTART.run().batchSize(), config.run().batchSize());
        assertEquals("v", config.flow().prediction());
        assertEquals(List.of("en", "de"), config.data().languages());
        assertEquals(TrainingConfig.QUICKSTART.optimizer(), config.optimizer());
    }

    /** YAML 1.1 takes a number without a point for a word. */
    @Test
    void numbersMayBeWrittenWithoutAPoint() {
        assertEquals(1e-4, parse("optimizer: {learning_rate: 1e-4}").optimizer().learningRate());
        assertEquals(1, parse("optimizer: {clip: 1}").optimizer().clip());
    }

    @Test
    void whatIsWrittenReadsBack() throws IOException {
        TrainingConfig config = parse("run: {steps: 5, batch_size: 3}\nmodel: {recompute: true}\n"
                + "optimizer: {learning_rate: 1.0e-4, eps: 1.0e-15}\ndata: {languages: [zh], source: 'a: b'}\n");
        String yaml = file.write(config);
        assertEquals(config, file.parse(yaml, TrainingConfig.QUICKSTART, "x"));
        assertTrue(yaml.contains("learning_rate:"), yaml);
        Path path = Files.writeString(folder.resolve("run.yaml"), yaml);
        assertEquals(config, file.read(path, TrainingConfig.QUICKSTART));
    }

    @Test
    void unknownKeysNameTheNearest() {
        assertEquals(
                "training configuration: my.yaml, key run.batchsize expected one of [steps, batch_size, seed,"
                        + " checkpoint_every, preview_every], nearest is batch_size, got batchsize",
                refused("run: {batchsize: 3}"));
        assertTrue(refused("optimiser: {clip: 1}").contains("nearest is optimizer"), refused("optimiser: {clip: 1}"));
        assertEquals("steps", NearestName.of("step", List.of("seed", "steps", "preview_every")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run: {steps: -1}|training configuration: run.steps expected at least 0, got -1",
                "run: {batch_size: 0}|training configuration: run.batch_size expected at least 1, got 0",
                "flow: {prediction: z}|training configuration: flow.prediction expected x, v or eps, got z",
                "flow: {timesteps: cosine}|training configuration: flow.timesteps expected logit_normal or uniform,"
                        + " got cosine",
                "flow: {caption_dropout: 1.5}|training configuration: flow.caption_dropout expected in [0, 1], got 1.5",
                "data: {image_size: 65}|training configuration: data.image_size expected a multiple of the patch size"
                        + " 16, got 65",
                "text: {encoder: t5}|training configuration: text.encoder expected bytes or bert-multi, got t5",
                "schedule: {decay: linear}|training configuration: schedule.decay expected constant or cosine, got"
                        + " linear",
                "average: {interval: often}|my.yaml: moment: expected a number and ba, ep or dur, such as 10ba, got"
                        + " often",
                "optimizer: {beta1: 1.5}|my.yaml: AdamW: expected betas in [0, 1), eps and weight decay of at least 0,"
                        + " got betas 1.5 and 0.95, eps 1.0E-8, weight decay 0.0"
            })
    void refusesValuesThatDoNotFit(String yaml, String message) {
        assertEquals(message, refused(yaml));
    }

    @Test
    void refusesWrongTypesAndWhatIsNoYaml() {
        assertTrue(
                refused("run: {steps: many}").startsWith("training configuration my.yaml: "),
                refused("run: {steps: many}"));
        assertTrue(refused("run: {steps: many}").contains("many"));
        assertTrue(refused("run: {steps: 2.5}").startsWith("training configuration my.yaml: "));
        assertEquals("training configuration: run.steps expected a value, got nothing", refused("run: {steps: null}"));
        assertTrue(refused("run: [1, 2]").contains("expected keys and values"), refused("run: [1, 2]"));
        assertTrue(refused("just words").startsWith("training configuration: my.yaml expected keys and values"));
        assertTrue(refused("run: {steps: 1").startsWith("training configuration my.yaml: "));
        assertTrue(refused("run: null").contains("expected keys and values"), refused("run: null"));
        for (String nothing : List.of(
                "flow: {prediction: null}",
                "text: {encoder: null}",
                "average: {start: null}",
                "model: {preset: null}",
                "data: {source: null}")) {
            assertTrue(refused(nothing).startsWith("training configuration"), () -> refused(nothing));
        }
    }

    @Test
    void aMissingFileIsSaid() {
        Path none = folder.resolve("none.yaml");
        var e = assertThrows(InvalidTrainingConfigException.class, () -> file.read(none, TrainingConfig.QUICKSTART));
        assertEquals("training configuration " + none + " cannot be read: there is no such file", e.getMessage());
    }
}
