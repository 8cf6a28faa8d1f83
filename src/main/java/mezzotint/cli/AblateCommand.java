package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import mezzotint.ablation.Logbook;
import mezzotint.ablation.LogbookFile;
import mezzotint.ablation.LogbookReport;
import mezzotint.ablation.LogbookRunner;
import mezzotint.ablation.RunKey;
import mezzotint.ablation.RunRecord;
import mezzotint.ablation.RunRecords;
import mezzotint.io.AtomicFolders;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mezzotint ablate}. */
@Command(
        name = "ablate",
        description = {
            "Makes the runs of a logbook that are missing, variants over seeds, each in a process of its own, and"
                    + " writes its report.",
            "",
            "The logbook is a YAML file; every run adds a line to runs.jsonl beside the report, failures too. Ctrl-C"
                    + " ends the run in progress at a checkpoint; the same command goes on with it.%n"
        })
final class AblateCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "LOGBOOK", description = "The logbook, a YAML file.")
    private Path file;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            description = "Where runs and report go (default: runs/NAME, NAME as in the logbook).")
    private Path out;

    @Option(names = "--report", description = "Make no run; write the report of those that were made.")
    private boolean reportOnly;

    @Option(names = "--retry-failed", description = "Make runs that failed again.")
    private boolean retryFailed;

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    AblateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Logbook logbook = new LogbookFile().read(file);
        Path folder = out == null ? Path.of("runs", logbook.name()) : out;
        if (reportOnly && Files.notExists(folder.resolve(LogbookRunner.RECORDS))) {
            throw new UserMistake("%s holds no runs of a logbook; leave out --report to make them", folder);
        }
        AtomicFolders.make(folder);
        int failures = 0;
        boolean stopped = false;
        if (!reportOnly) {
            try (StopRequest stop = StopRequest.onInterrupt(() -> console.err().println(StopRequest.ENDING))) {
                failures = run(logbook, folder, stop);
                stopped = stop.isRequested();
            } catch (ChildProcess.Interrupted _) {
                stopped = true;
            }
        }
        List<RunRecord> records = new RunRecords(folder.resolve(LogbookRunner.RECORDS)).read();
        new LogbookReport(logbook, folder, records).write(folder);
        console.out().println(folder.resolve("report.html"));
        return stopped ? ExitCode.INTERRUPTED : failures > 0 ? ExitCode.FAILED : ExitCode.OK;
    }

    private int run(Logbook logbook, Path folder, StopRequest stop) {
        var setting = new LogbookRunner.Setting(SourceCommit.here(), MachineReport.machine(), InstantSource.system());
        LogbookRunner runner = new LogbookRunner(logbook, folder, setting);
        return runner.run(new ChildProcess(deviceOptions.typed()), retryFailed, stop::isRequested, new Lines(logbook));
    }

    /** A line as each run begins and ends. */
    private final class Lines implements LogbookRunner.Listener {
        private final Logbook logbook;

        private Lines(Logbook logbook) {
            this.logbook = logbook;
        }

        @Override
        public void begins(RunKey key, int index, int count) {
            console.err().println("run %d of %d: %s".formatted(index, count, key));
        }

        @Override
        public void ended(RunRecord record) {
            switch (record) {
                case RunRecord.Finished finished -> {
                    var headline =
                            finished.result().metrics().get(logbook.judging().headline());
                    console.err()
                            .println(String.format(
                                    Locale.ROOT,
                                    "  %.0f s, %.0f pictures/s, %s %s",
                                    finished.result().seconds(),
                                    finished.result().throughput(),
                                    logbook.judging().headline(),
                                    headline == null ? "was not measured" : "%.4g".formatted(headline.value())));
                }
                case RunRecord.Failed failed -> console.err().println("  failed: " + failed.reason());
                case RunRecord.Planned _ -> {}
            }
        }
    }
}
