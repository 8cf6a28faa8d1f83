package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import mezzotint.kernel.Device;
import mezzotint.training.AutoencoderConfig;
import mezzotint.training.AutoencoderTrainer;
import mezzotint.training.TrainingConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mezzotint autoencoder}. */
@Command(
        name = "autoencoder",
        description = {
            "Trains a small autoencoder on pictures, so that a denoiser can be trained on its latents:",
            "  mezzotint autoencoder --out codec && mezzotint train --set model.codec=codec --set model.patch_size=2",
            "",
            "The folder is one of diffusers' AutoencoderKL, with the scale of the latents measured.%n"
        })
final class AutoencoderCommand implements Callable<Integer> {
    private static final int LINES = 20;
    private static final int MEASURED_PICTURES = 256;

    private final Console console;

    @Option(names = "--out", paramLabel = "FOLDER", required = true, description = "The folder to write.")
    private Path out;

    @Option(
            names = "--data",
            paramLabel = "SOURCE",
            defaultValue = TrainingData.STARTER,
            description = "starter, emoji (after `mezzotint data fetch`), or a folder of pictures (default: starter).")
    private String source;

    @Option(names = "--ratio", defaultValue = "4", description = "Pixels along a latent cell: 2, 4 or 8 (default: 4).")
    private int ratio;

    @Option(names = "--channels", defaultValue = "4", description = "Channels of the latents (default: 4).")
    private int channels;

    @Option(names = "--size", defaultValue = "64", description = "Side of the pictures in pixels (default: 64).")
    private int size;

    @Option(names = "--steps", defaultValue = "600", description = "Steps of the optimizer (default: 600).")
    private long steps;

    @Option(names = "--batch", defaultValue = "16", description = "Pictures a step (default: 16).")
    private int batch;

    @Option(names = "--rate", defaultValue = "0.002", description = "Learning rate (default: 0.002).")
    private double rate;

    @Option(
            names = "--divergence",
            defaultValue = "0.0001",
            description = "Weight of the latents' divergence from a normal (default: 0.0001).")
    private float divergence;

    @Option(names = "--seed", defaultValue = "1", description = "Seed (default: 1).")
    private long seed;

    @Option(names = "--force", description = "Replace a folder that exists.")
    private boolean force;

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    AutoencoderCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (Files.exists(out) && !force) {
            throw new UserMistake("%s exists; name another folder with --out or replace it with --force", out);
        }
        var config = new AutoencoderConfig(ratio, channels, size, steps, batch, rate, divergence, seed);
        TrainingData data = TrainingData.of(new TrainingConfig.Data(source, List.of(), size, false, true));
        try (Device device = deviceOptions.open();
                AutoencoderTrainer trainer = new AutoencoderTrainer(
                        device,
                        config,
                        data.images(),
                        bad -> console.err().println("left out picture " + bad.id() + ": " + bad.reason()))) {
            console.err()
                    .println("training an autoencoder (%,d weights) on %d pictures, %d steps of %d; %s"
                            .formatted(trainer.elements(), data.images().size(), steps, batch, device));
            train(trainer);
            double difference = trainer.save(out, Math.ceilDiv(MEASURED_PICTURES, batch));
            console.out()
                    .println(String.format(
                            Locale.ROOT,
                            "%s: a colour that comes back is off by %.1f of 255 in the mean",
                            out,
                            difference * 127.5));
        }
        return ExitCode.OK;
    }

    private void train(AutoencoderTrainer trainer) {
        long every = Math.max(1, steps / LINES);
        try (Bar bar = Bar.on(console, "autoencoder", steps)) {
            while (!trainer.isFinished()) {
                AutoencoderTrainer.Report report = trainer.step();
                String words = String.format(
                        Locale.ROOT,
                        "step %d of %d, colours off by %.1f of 255, divergence %.2f",
                        report.step(),
                        steps,
                        report.reconstruction() * 127.5,
                        report.divergence());
                bar.step();
                if (console.terminal()) {
                    bar.say(words);
                } else if (report.step() % every == 0) {
                    console.err().println(words);
                }
            }
        }
    }
}
