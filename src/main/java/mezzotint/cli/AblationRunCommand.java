package mezzotint.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import mezzotint.ablation.Judging;
import mezzotint.ablation.RunRecordJson;
import mezzotint.ablation.RunResult;
import mezzotint.io.Json;
import mezzotint.kernel.Device;
import mezzotint.training.TrainingConfig;
import mezzotint.training.TrainingConfigFile;
import mezzotint.training.TrainingRuns;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mezzotint ablate-run}: one run of a logbook in a process of its own, started by {@link AblateCommand}. */
@Command(name = "ablate-run", hidden = true, description = "One run of a logbook; `mezzotint ablate` starts it.")
final class AblationRunCommand implements Callable<Integer> {
    private static final double MEBIBYTE = 1 << 20;

    private final Console console;

    @Option(names = "--config", required = true, description = "The whole training configuration.")
    private Path config;

    @Option(names = "--run", required = true, description = "The run's folder.")
    private Path folder;

    @Option(names = "--result", required = true, description = "The JSON file to write.")
    private Path result;

    @Option(names = "--pictures", required = true, description = "See Judging.")
    private int pictures;

    @Option(names = "--steps", required = true, description = "See Judging.")
    private int steps;

    @Option(names = "--guidance", required = true, description = "See Judging.")
    private float guidance;

    @Option(names = "--encoder", required = true, description = "See Judging.")
    private String encoder;

    @Option(names = "--headline", required = true, description = "See Judging.")
    private String headline;

    @Option(names = "--seed", required = true, description = "See Judging.")
    private long seed;

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    AblationRunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        TrainingConfig training = new TrainingConfigFile().read(config, TrainingConfig.QUICKSTART);
        Judging judging = new Judging(pictures, steps, guidance, encoder, headline, seed);
        try (Device device = deviceOptions.open();
                TrainingRun run = TrainingRuns.hasCheckpoint(folder)
                        ? TrainingRun.resume(device, folder, console)
                        : TrainingRun.start(device, folder, training, console);
                StopRequest stop = StopRequest.onInterrupt(() -> console.err().println(StopRequest.ENDING))) {
            if (run.train(stop, TrainingRun.UNLIMITED) != TrainingRun.Outcome.FINISHED) {
                return ExitCode.INTERRUPTED;
            }
            StepCurve curve = StepCurve.read(folder.resolve("log.jsonl"));
            curve.writeEvents(
                    folder.resolve("events.out.tfevents.0.mezzotint"),
                    Instant.now().toEpochMilli() / 1e3 - curve.seconds());
            Json.write(
                    result,
                    RunRecordJson.write(new RunResult(
                            curve.seconds(),
                            training.run().steps() * training.run().batchSize(),
                            peakMebibytes(),
                            curve.means(),
                            curve.lastSteps(),
                            curve.lossByTime(),
                            new RunJudge(run, judging, device).measures())));
        }
        return ExitCode.OK;
    }

    /** The largest resident memory of this process so far; NaN where the system does not tell. */
    private static double peakMebibytes() {
        OptionalLong peak = ResidentMemory.peak();
        return peak.isPresent() ? peak.getAsLong() / MEBIBYTE : Double.NaN;
    }
}
