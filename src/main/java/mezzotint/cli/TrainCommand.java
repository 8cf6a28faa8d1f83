package mezzotint.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import mezzotint.kernel.Device;
import mezzotint.training.TrainingConfig;
import mezzotint.training.TrainingConfigFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mezzotint train}. */
@Command(
        name = "train",
        description = {
            "Trains a text-to-image model.",
            "",
            "Without a configuration it trains as `quickstart` does. A configuration names only what differs, for"
                    + " instance",
            "  run: {steps: 2000, batch_size: 16}",
            "  data: {source: my-pictures, image_size: 64}",
            "  technique: {tread: {probability: 0.5}}",
            "on top of the quickstart, or of another file that it names: `base: other.yaml`. RUN/config.yaml of any run"
                    + " shows every key. Pictures come from `starter`, `emoji` (after `data"
                    + " fetch`) or a folder: pictures with a .txt beside each, or a captions.jsonl.",
            "",
            "RUN gets checkpoints, log.jsonl with a line a step, and previews drawn from the averaged weights. Ctrl-C"
                    + " ends the run after the present step, with a checkpoint; a second one ends it at once.%n"
        })
final class TrainCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "CONFIG.yaml",
            description = "What differs from the quickstart.")
    private Path configFile;

    @Option(names = "--config", paramLabel = "CONFIG.yaml", description = "The same, as an option.")
    private Path configOption;

    @Option(names = "--run", paramLabel = "FOLDER", description = "Where the run goes (default: runs/NAME of CONFIG).")
    private Path folder;

    @Option(names = "--resume", description = "Go on from the newest checkpoint of --run, as configured there.")
    private boolean resume;

    @Option(names = "--steps", paramLabel = "N", description = "Same as --set run.steps=N.")
    private Long steps;

    @Option(names = "--seed", paramLabel = "N", description = "Same as --set run.seed=N.")
    private Long seed;

    @Option(names = "--data", paramLabel = "SOURCE", description = "Same as --set data.source=SOURCE.")
    private String source;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Change a key, such as optimizer.learning_rate=1e-3.")
    private Map<String, String> changes = new LinkedHashMap<>();

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (configOption != null) {
            if (configFile != null) {
                throw new UserMistake("two configurations, %s and --config %s; give one", configFile, configOption);
            }
            configFile = configOption;
        }
        Path run = Optional.ofNullable(folder).orElseGet(this::defaultFolder);
        if (resume && (configFile != null || steps != null || seed != null || source != null || !changes.isEmpty())) {
            throw new UserMistake(
                    "--resume takes the configuration from the checkpoint; leave out CONFIG.yaml, --steps, "
                            + "--seed, --data and --set, or start a new run");
        }
        try (Device device = deviceOptions.open();
                TrainingRun training = resume
                        ? TrainingRun.resume(device, run, console)
                        : TrainingRun.start(device, run, config(), console)) {
            return train(training);
        }
    }

    private int train(TrainingRun training) {
        console.err().println(training.summary());
        try (StopRequest stop = StopRequest.onInterrupt(() -> console.err().println(StopRequest.ENDING))) {
            var outcome = training.train(stop, TrainingRun.UNLIMITED);
            if (outcome == TrainingRun.Outcome.STOPPED) {
                console.err()
                        .println("stopped after step %d; to go on: mezzotint train --resume --run %s%s"
                                .formatted(training.steps(), Words.quoted(training.folder()), deviceOptions.typed()));
                return ExitCode.INTERRUPTED;
            }
            console.out()
                    .println("trained %d steps; to draw: mezzotint sample --model %s \"a strawberry\""
                            .formatted(training.steps(), Words.quoted(training.folder())));
            return ExitCode.OK;
        }
    }

    private TrainingConfig config() {
        TrainingConfigFile files = new TrainingConfigFile();
        TrainingConfig config =
                configFile == null ? TrainingConfig.QUICKSTART : files.read(configFile, TrainingConfig.QUICKSTART);
        Map<String, String> all = new LinkedHashMap<>(changes);
        if (steps != null) {
            all.put("run.steps", steps.toString());
        }
        if (seed != null) {
            all.put("run.seed", seed.toString());
        }
        if (source != null) {
            all.put("data.source", Words.yaml(source));
        }
        return files.parseAll(
                all.entrySet().stream()
                        .map(set -> new TrainingConfigFile.Change(nested(set.getKey(), set.getValue()), "--set"))
                        .toList(),
                config);
    }

    /** {@code a.b=c} as YAML: {@code {a: {b: c}}}. */
    private static String nested(String key, String value) {
        String[] names = key.split("\\.", -1);
        return "{" + String.join(": {", names) + ": " + value + "}".repeat(names.length);
    }

    private Path defaultFolder() {
        if (configFile == null) {
            return Path.of("runs", "default");
        }
        return Path.of("runs", configFile.getFileName().toString().replaceFirst("\\.[^.]*$", ""));
    }
}
