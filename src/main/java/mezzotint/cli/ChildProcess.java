package mezzotint.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import mezzotint.ablation.FailedRunException;
import mezzotint.ablation.Judging;
import mezzotint.ablation.RunExecutor;
import mezzotint.ablation.RunKey;
import mezzotint.ablation.RunRecordJson;
import mezzotint.ablation.RunResult;
import mezzotint.io.AtomicFiles;
import mezzotint.io.AtomicFolders;
import mezzotint.io.Json;
import mezzotint.training.TrainingConfig;
import mezzotint.training.TrainingConfigFile;

/**
 * Runs of a logbook in Java processes of their own, so that no run finds the compiler's decisions, the memory or the threads of
 * another.
 *
 * @param device the option that names it, as typed; may be empty
 */
record ChildProcess(String device) implements RunExecutor {
    private static final String LOG = "run.log";

    /** The run was ended by Ctrl-C, at a checkpoint. */
    static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Interrupted() {
            super("interrupted");
        }
    }

    @Override
    public RunResult execute(RunKey key, TrainingConfig config, Judging judging, Path folder) {
        AtomicFolders.make(folder);
        Path configFile = folder.resolve("planned.yaml");
        AtomicFiles.writeString(configFile, new TrainingConfigFile().write(config));
        Path result = folder.resolve("result.json");
        List<String> command = java();
        command.addAll(List.of("ablate-run", "--config", configFile.toString(), "--run", folder.toString()));
        command.addAll(List.of("--result", result.toString(), "--pictures", Integer.toString(judging.pictures())));
        command.addAll(List.of("--steps", Integer.toString(judging.steps())));
        command.addAll(List.of("--guidance", Float.toString(judging.guidance()), "--encoder", judging.encoder()));
        command.addAll(List.of("--headline", judging.headline(), "--seed", Long.toString(judging.seed())));
        if (!device.isBlank()) {
            command.addAll(List.of(device.trim().split(" ", -1)));
        }
        int status = run(command, folder.resolve(LOG));
        if (status == ExitCode.INTERRUPTED) {
            throw new Interrupted();
        }
        if (status != ExitCode.OK) {
            throw new FailedRunException(reason(folder.resolve(LOG), status));
        }
        return RunRecordJson.readResult(Json.readObject(result));
    }

    /** This very Java with this very class path and these very flags. */
    private static List<String> java() {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current()
                .info()
                .command()
                .orElse(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        return command;
    }

    private static int run(List<String> command, Path log) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            return process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("a process for the run could not be started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Interrupted();
        }
    }

    /** The last line the process wrote, which is its sentence about what went wrong. */
    private static String reason(Path log, int status) {
        try {
            List<String> lines = Files.readAllLines(log).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
            return lines.isEmpty() ? "it ended with status " + status : lines.getLast();
        } catch (IOException e) {
            return "it ended with status " + status + ", and its log cannot be read: " + e.getMessage();
        }
    }
}
