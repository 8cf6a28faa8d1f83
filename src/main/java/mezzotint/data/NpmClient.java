package mezzotint.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import mezzotint.data.FetchException.Reason;

/** The npm client of this machine, with whatever registry it is configured for; runs no package's scripts. */
public final class NpmClient implements PackageClient {
    private static final long LIMIT_MINUTES = 10;

    private final String command;

    /** The {@code npm} found on the path. */
    public NpmClient() {
        this(System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows") ? "npm.cmd" : "npm");
    }

    NpmClient(String command) {
        this.command = command;
    }

    @Override
    public Path fetch(String nameAndVersion, Path folder) {
        Path log = folder.resolve("npm.log");
        Process process = start(nameAndVersion, folder, log);
        waitFor(process, nameAndVersion);
        try {
            if (process.exitValue() != 0) {
                throw unreachable(nameAndVersion, firstError(log));
            }
            return archiveIn(folder, nameAndVersion);
        } catch (IOException e) {
            throw unreachable(nameAndVersion, String.valueOf(e.getMessage()));
        }
    }

    private Process start(String nameAndVersion, Path folder, Path log) {
        try {
            return new ProcessBuilder(command, "pack", nameAndVersion, "--ignore-scripts",
                            "--loglevel=error", "--fetch-retries=1", "--pack-destination", folder.toString())
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new FetchException(Reason.NO_CLIENT,
                    "cannot run %s, which fetches %s; install Node.js with npm and try again"
                            .formatted(command, nameAndVersion), e);
        }
    }

    private static void waitFor(Process process, String nameAndVersion) {
        boolean ended = false;
        try {
            ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unreachable(nameAndVersion, "interrupted");
        } finally {
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroy);
                process.destroy();
            }
        }
        if (!ended) {
            throw unreachable(nameAndVersion, "no answer in %d minutes".formatted(LIMIT_MINUTES));
        }
    }

    private static Path archiveIn(Path folder, String nameAndVersion) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> archives = files.filter(f -> f.toString().endsWith(".tgz")).toList();
            if (archives.size() != 1) {
                throw unreachable(nameAndVersion, "npm left %d archives".formatted(archives.size()));
            }
            return archives.getFirst();
        }
    }

    private static String firstError(Path log) throws IOException {
        String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
        return text.lines()
                .map(line -> line.replaceFirst("^npm (error|ERR!) ?", "").strip())
                .filter(line -> !line.isEmpty() && !line.startsWith("code "))
                .findFirst()
                .orElse("it says nothing");
    }

    private static FetchException unreachable(String nameAndVersion, String word) {
        return new FetchException(Reason.UNREACHABLE,
                "npm cannot fetch %s (%s); check the network and npm's registry setting, then try again"
                        .formatted(nameAndVersion, word));
    }
}
