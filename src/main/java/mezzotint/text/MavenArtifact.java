package mezzotint.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A jar in Maven repositories.
 *
 * @param group such as {@code com.robrua.nlp.models}
 * @param artifact name within the group
 * @param version exact version
 * @param classifier which of the version's jars; empty for the main one
 */
public record MavenArtifact(String group, String artifact, String version, String classifier) {
    private static final String PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
    private static final int SHOWN_LINES = 5;

    /** The main jar of a version. */
    public MavenArtifact(String group, String artifact, String version) {
        this(group, artifact, version, "");
    }

    /** Where the jar lies below a repository's root. */
    public String repositoryPath() {
        return "%s/%s/%s/%s".formatted(group.replace('.', '/'), artifact, version, fileName());
    }

    /** Name of the jar. */
    public String fileName() {
        return artifact + "-" + version + (classifier.isEmpty() ? "" : "-" + classifier) + ".jar";
    }

    /**
     * Finds the jar in a local repository or has Maven download and copy it.
     *
     * @param repository root of the local repository, {@code ~/.m2/repository} by default
     * @param folder where Maven puts its copy, made if need be; unused when the repository has the jar
     * @param runner runs {@code mvn}
     * @return the jar, in the repository or in the folder
     * @throws ModelDownloadException where Maven is missing, fails or is interrupted
     */
    public Path fetch(Path repository, Path folder, CommandRunner runner) {
        Path local = repository.resolve(repositoryPath());
        if (Files.isRegularFile(local)) {
            return local;
        }
        List<String> command = List.of(
                "mvn", "--batch-mode", PLUGIN, "-Dartifact=" + this, "-DoutputDirectory=" + folder.toAbsolutePath());
        CommandRunner.Result result = run(command, runner);
        Path copy = folder.resolve(fileName());
        if (result.status() != 0 || !Files.isRegularFile(copy)) {
            throw new ModelDownloadException(
                    this,
                    "\"%s\" ended with status %d and said: %s"
                            .formatted(String.join(" ", command), result.status(), lastLines(result.output())));
        }
        return copy;
    }

    private CommandRunner.Result run(List<String> command, CommandRunner runner) {
        try {
            return runner.run(command);
        } catch (IOException e) {
            throw new ModelDownloadException(this, "mvn cannot be started (" + e.getMessage() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ModelDownloadException(this, "it was interrupted");
        }
    }

    private static String lastLines(String output) {
        List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
        return String.join(" | ", lines.subList(Math.max(0, lines.size() - SHOWN_LINES), lines.size()));
    }

    /** Maven's coordinate, {@code group:artifact:version} or {@code group:artifact:version:jar:classifier}. */
    @Override
    public String toString() {
        return group + ":" + artifact + ":" + version + (classifier.isEmpty() ? "" : ":jar:" + classifier);
    }
}
