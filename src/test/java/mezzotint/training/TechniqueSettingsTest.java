package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import mezzotint.kernel.Device;
import mezzotint.prx.PrxExtensions;
import mezzotint.prx.TokenRouting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TechniqueSettingsTest {
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
    void nothingIsOnByItself() {
        TechniqueSettings none = parse("").technique();
        assertEquals(TechniqueSettings.NONE, none);
        assertEquals(Optional.empty(), none.routing(16));
        assertEquals(PrxExtensions.NONE, none.extensions(16));
        assertEquals(PrxExtensions.NONE, parse("").network(128, 3).extensions());
    }

    @Test
    void aProbabilitySwitchesRoutingOnWherePrxHasIt() {
        TechniqueSettings tread =
                parse("technique: {tread: {probability: 0.5}}").technique();
        assertEquals(Optional.of(new TokenRouting(2, 12, 0.5, 42, false)), tread.routing(16));
        assertEquals(Optional.of(new TokenRouting(1, 2, 0.5, 42, false)), tread.routing(4));
        assertEquals(PrxExtensions.NONE, tread.extensions(16));
        TechniqueSettings sprint =
                parse("technique: {sprint: {probability: 0.75, seed: 7}}").technique();
        assertEquals(Optional.of(new TokenRouting(2, 12, 0.75, 7, false)), sprint.routing(16));
        assertEquals(
                Optional.of(new PrxExtensions.Sprint(2, 12, true)),
                sprint.extensions(16).sprint());
        assertEquals(7, TechniqueSettings.NONE.repa().blockOf(16));
        assertEquals(1, TechniqueSettings.NONE.repa().blockOf(4));
    }

    @Test
    void resolutionIsPartOfTheNetwork() {
        assertTrue(parse("technique: {resolution: vec}").network(128, 3).resolutionEmbeds());
        assertTrue(parse("technique: {resolution: token}")
                .network(128, 3)
                .extensions()
                .resolutionTokens());
        assertFalse(parse("technique: {resolution: token}").network(128, 3).resolutionEmbeds());
    }

    @Test
    void muonMayHaveARateOfItsOwn() {
        OptimizerSettings own = parse("optimizer: {kind: muon, learning_rate: 1e-3, muon: {learning_rate: 2e-3}}")
                .optimizer();
        assertEquals(2, own.muonConstants().rateFactor(), 1e-12);
        assertEquals(
                1, parse("optimizer: {kind: muon}").optimizer().muonConstants().rateFactor());
        assertEquals(Muon.Constants.PRX, parse("").optimizer().muonConstants());
    }

    @Test
    void whatIsWrittenReadsBack() {
        TrainingConfig config = parse("""
            model: {precision: bf16_products}
            optimizer: {kind: muon, muon: {nesterov: false}}
            technique:
              repa: {kind: irepa_attention, weight: 0.5, block: 2, teacher: some/folder}
              tread: {probability: 0.5, first_block: 0, last_block: 3, detach: true}
              contrastive: {weight: 0.05}
              lpips: {weight: 0.1, network: vgg.safetensors, resize_factor: 0.5}
              perceptual_dino: {weight: 0.01, encoder: dino, crop_side: 28}
              resolution: token
            """);
        assertEquals(config, parse(file.write(config)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "technique: {tred: {probability: 0.5}}|nearest is tread",
                "technique: {tread: {probabilty: 0.5}}|my.yaml, key technique.tread.probabilty expected one of"
                    + " [probability, first_block, last_block, seed, detach], nearest is probability, got probabilty",
                "technique: {tread: {probability: 1.5}}|technique.tread.probability expected in [0, 1], got 1.5",
                "technique: {tread: {probability: 0.5, last_block: 4}}|technique.tread.last_block expected a span of"
                        + " blocks within the depth 4: out of range, got 1 to 4",
                "technique: {tread: {first_block: 3, last_block: 2}}|technique.tread.last_block expected above"
                        + " first_block, or -1, got 2",
                "technique: {tread: {probability: 0.5}, sprint: {probability: 0.5}}|technique.sprint.probability"
                        + " expected 0 beside TREAD, tokens take one route, got 0.5",
                "technique: {repa: {weight: 0.5}}|technique.repa.teacher expected the folder of a vision encoder, or"
                        + " technique.repa.features a file of its features, and not both, got neither",
                "technique: {repa: {weight: 0.5, teacher: a, features: b}}|got both",
                "technique: {repa: {weight: 0.5, teacher: a, block: 4}}|technique.repa.block expected below the depth"
                        + " 4, got 4",
                "technique: {repa: {kind: irepa}}|technique.repa.kind expected repa, irepa_attention or"
                        + " irepa_convolution, got irepa",
                "technique: {repa: {weight: 1, teacher: a, kind: irepa_convolution}, tread: {probability:"
                        + " 0.5}}|expected irepa_attention where tokens are routed, a convolution needs all of them",
                "technique: {contrastive: {weight: -1}}|technique.contrastive.weight expected a number of at least 0",
                "technique: {lpips: {weight: 0.1}}|technique.lpips.network expected a safetensors file, got nothing",
                "technique: {perceptual_dino: {weight: 0.1}}|technique.perceptual_dino.encoder expected the folder of a"
                        + " vision encoder, got nothing",
                "technique: {resolution: tokens}|technique.resolution expected none, vec or token, got tokens",
                "optimizer: {kind: sgd}|optimizer.kind expected adamw or muon, got sgd",
                "optimizer: {muon: {momentum: 1}}|Muon: expected momentum in [0, 1)",
                "model: {precision: fp8}|model.precision expected one of [float32, bf16_products, bf16_weights], got"
                        + " fp8"
            })
    void refusesWhatDoesNotFit(String yaml, String message) {
        assertTrue(refused(yaml).contains(message), () -> refused(yaml));
    }

    @Test
    void perceptualLossesWantThePicture() {
        String message = refused("flow: {prediction: v}\ntechnique: {lpips: {weight: 0.1, network: a}}");
        assertEquals("training configuration: flow.prediction expected x for a perceptual loss, got v", message);
    }

    // A file that starts from another.

    private Path write(String name, String text) throws IOException {
        Path path = folder.resolve(name);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, text);
    }

    @Test
    void aFileStartsFromTheOneItNames() throws IOException {
        write("base.yaml", "run: {steps: 500, seed: 7}\nflow: {prediction: v}\n");
        write("tread/middle.yaml", "base: ../base.yaml\nrun: {seed: 8}\n");
        Path last = write("tread/last.yaml", "base: middle.yaml\ntechnique: {tread: {probability: 0.5}}\n");
        TrainingConfig config = file.read(last, TrainingConfig.QUICKSTART);
        assertEquals(500, config.run().steps());
        assertEquals(8, config.run().seed());
        assertEquals("v", config.flow().prediction());
        assertEquals(0.5, config.technique().tread().probability());
        assertEquals(TrainingConfig.QUICKSTART.optimizer(), config.optimizer());
        Path only = write("only.yaml", "base: base.yaml\n");
        assertEquals(7, file.read(only, TrainingConfig.QUICKSTART).run().seed());
    }

    @Test
    void refusesABaseThatIsNone() throws IOException {
        Path one = write("one.yaml", "base: two.yaml\n");
        write("two.yaml", "base: one.yaml\n");
        var round = assertThrows(InvalidTrainingConfigException.class, () -> file.read(one, TrainingConfig.QUICKSTART));
        assertTrue(
                round.getMessage().contains("two.yaml, key base expected a file that does not start from this one"),
                round::getMessage);
        Path number = write("number.yaml", "base: 3\n");
        var word =
                assertThrows(InvalidTrainingConfigException.class, () -> file.read(number, TrainingConfig.QUICKSTART));
        assertTrue(word.getMessage().contains("key base expected the name of a file, got 3"), word::getMessage);
        Path none = write("none.yaml", "base: nowhere.yaml\n");
        var missing =
                assertThrows(InvalidTrainingConfigException.class, () -> file.read(none, TrainingConfig.QUICKSTART));
        assertTrue(
                missing.getMessage().endsWith("nowhere.yaml cannot be read: there is no such file"),
                missing::getMessage);
        write("wrong.yaml", "run: {step: 3}\n");
        Path onWrong = write("on-wrong.yaml", "base: wrong.yaml\n");
        var wrong =
                assertThrows(InvalidTrainingConfigException.class, () -> file.read(onWrong, TrainingConfig.QUICKSTART));
        assertTrue(wrong.getMessage().contains("wrong.yaml, key run.step expected one of"), wrong::getMessage);
        assertTrue(refused("base: base.yaml").contains("key base expected one of"), "text has no place to look from");
    }

    // In a run.

    @Test
    void whatIsLearntBesideTheDenoiserIsTrainedAndSavedButNotDrawnWith() throws IOException {
        TinyRun run = TinyRun.of("""
            optimizer: {kind: muon}
            technique:
              repa: {weight: 0.5, block: 0, teacher: src/test/resources/golden/vision_dinov2/encoder}
              contrastive: {weight: 0.05}
            """);
        try (Device device = TinyRun.open(1);
                Trainer trainer = run.start(device)) {
            StepReport report = trainer.step();
            assertEquals(
                    List.of("mse", "contrastive", "repa"),
                    List.copyOf(report.parts().keySet()));
            double sum = report.parts().values().stream().mapToDouble(x -> x).sum();
            assertEquals(report.loss(), sum, 1e-4 * Math.abs(report.loss())); // float32 sums of three
            Path checkpoint = trainer.saveCheckpoint(folder.resolve("run"));
            String projector = "repa_loss.projector.in_layer.weight";
            assertTrue(names(checkpoint.resolve(Checkpoint.WEIGHTS)).contains(projector));
            assertFalse(names(checkpoint.resolve(Checkpoint.AVERAGE)).contains(projector));
            assertTrue(names(checkpoint.resolve(Checkpoint.OPTIMIZER)).contains("exp_avg." + projector));
            assertTrue(names(checkpoint.resolve(Checkpoint.OPTIMIZER))
                    .contains("momentum_buffer.blocks.0.gate_proj.weight"));
            assertFalse(names(checkpoint.resolve("model/transformer/diffusion_pytorch_model.safetensors"))
                    .contains(projector));
        }
    }

    private static List<String> names(Path path) {
        try (var stored = mezzotint.io.SafeTensors.open(path)) {
            return List.copyOf(stored.names());
        }
    }

    @Test
    void aNetworkThatIsNotThereIsSaidBeforeTheRun() {
        TinyRun run = TinyRun.of("technique: {repa: {weight: 0.5, block: 0, teacher: nowhere}}");
        try (Device device = TinyRun.open(1)) {
            var e = assertThrows(InvalidTrainingConfigException.class, () -> run.start(device));
            assertEquals(
                    "training configuration: technique.repa.teacher expected the folder of a vision encoder, or one of"
                            + " [inception-mixed5] once it has been fetched with `mezzotint data fetch --encoder`, got"
                            + " nowhere",
                    e.getMessage());
        }
    }
}
