package mezzotint.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import mezzotint.cli.TrainingRun.Outcome;
import mezzotint.kernel.Device;
import mezzotint.training.TrainingConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mezzotint quickstart}. */
@Command(
        name = "quickstart",
        description = {
            "Trains a text-to-image model in pixel space on the 64 pictures that come along, from their names in 15 "
                    + "languages, and then asks it for each of them in those languages and two it has never seen.",
            "",
            "About ten minutes on two cores. Ends with a table per language (is the training picture nearest to the"
                + " drawn one the prompted one?), a picture sheet and, if fewer than 90 %% of the prompts in trained"
                + " languages gave their picture, with exit status 1.%n"
        })
final class QuickstartCommand implements Callable<Integer> {
    private static final double TARGET = 0.9;

    private final Console console;

    @Option(names = "--run", paramLabel = "FOLDER", description = "Where the run goes (default: runs/quickstart).")
    private Path folder = Path.of("runs", "quickstart");

    @Option(names = "--resume", description = "Go on from the newest checkpoint of --run.")
    private boolean resume;

    @Option(
            names = "--minutes-limit",
            paramLabel = "N",
            description = "End training after so many minutes, finished or not, and look at what was learnt.")
    private Integer minutes;

    @Option(names = "--steps", paramLabel = "N", description = "Train so many steps instead, to try it out.")
    private Long steps;

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    QuickstartCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (minutes != null && minutes < 0) {
            throw new UserMistake("--minutes-limit wants at least 0, got %d", minutes);
        }
        if (resume && steps != null) {
            throw new UserMistake("--resume takes the number of steps from the checkpoint; leave out --steps");
        }
        try (Device device = deviceOptions.open();
                TrainingRun training = resume
                        ? TrainingRun.resume(device, folder, console)
                        : TrainingRun.start(device, folder, config(), console)) {
            if (!training.config().data().source().equals(TrainingData.STARTER)) {
                throw new UserMistake(
                        "%s is no quickstart: it was trained on %s; go on with `mezzotint train --resume`",
                        folder, training.config().data().source());
            }
            return run(training);
        }
    }

    private TrainingConfig config() {
        TrainingConfig config = TrainingConfig.QUICKSTART;
        if (steps == null) {
            return config;
        }
        TrainingConfig.Run run = config.run();
        return config.withRun(
                new TrainingConfig.Run(steps, run.batchSize(), run.seed(), run.checkpointEvery(), run.previewEvery()));
    }

    private int run(TrainingRun training) {
        console.err().println(training.summary());
        Duration limit = minutes == null ? TrainingRun.UNLIMITED : Duration.ofMinutes(minutes);
        try (StopRequest stop = StopRequest.onInterrupt(() -> console.err().println(StopRequest.ENDING))) {
            Outcome outcome = training.train(stop, limit);
            if (outcome == Outcome.STOPPED) {
                console.err()
                        .println("stopped after step %d; to go on: mezzotint quickstart --resume --run %s%s"
                                .formatted(training.steps(), Words.quoted(folder), deviceOptions.typed()));
                return ExitCode.INTERRUPTED;
            }
            if (outcome == Outcome.OUT_OF_TIME) {
                console.err()
                        .println("time is up after step %d of %d"
                                .formatted(
                                        training.steps(),
                                        training.config().run().steps()));
            }
        }
        return judge(training);
    }

    private int judge(TrainingRun training) {
        QuickstartReport report = QuickstartReport.measure(training, console);
        report.write(training);
        double share = report.accuracy().trainedShare();
        console.out().println("""

            %s
              picture sheet   %s
              all pictures    %s
              accuracy        %s
              log             %s
              to draw         mezzotint sample --model %s "a strawberry\"\
            """.formatted(
                        share >= TARGET
                                ? "reached: at least 90 % of the prompts in trained languages give their picture"
                                : "missed: fewer than 90 % of the prompts in trained languages give their picture",
                        training.folder().resolve(QuickstartReport.SHEET),
                        training.folder().resolve(QuickstartReport.ALL),
                        training.folder().resolve(QuickstartReport.ACCURACY),
                        training.folder().resolve("log.jsonl"),
                        Words.quoted(training.folder())));
        return share >= TARGET ? ExitCode.OK : ExitCode.FAILED;
    }
}
