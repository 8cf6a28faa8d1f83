package mezzotint.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Which sources this is run from. */
final class SourceCommit {
    private static final int SHORT = 7;

    private SourceCommit() {}

    /** The commit of the working tree around, with {@code +changes} where it differs from it; {@code unknown} where none is. */
    static String here() {
        String commit = git("rev-parse", "--short=" + SHORT, "HEAD");
        if (commit.isEmpty()) {
            return "unknown";
        }
        boolean clean = git("status", "--porcelain", "--untracked-files=no").isEmpty();
        return clean ? commit : commit + "+changes";
    }

    private static String git(String... arguments) {
        try {
            List<String> command = new java.util.ArrayList<>(List.of("git"));
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? out : "";
        } catch (IOException e) {
            return ""; // no git here
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
