package mezzotint.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs a program of this machine and waits for it. */
@FunctionalInterface
public interface CommandRunner {

    /**
     * What became of a program.
     *
     * @param status exit status, 0 = success
     * @param output what it wrote, standard output and errors together
     */
    record Result(int status, String output) {}

    /**
     * Runs a program.
     *
     * @param command program and arguments
     * @throws IOException where the program cannot be started
     * @throws InterruptedException where this thread is interrupted; the program is ended first
     */
    Result run(List<String> command) throws IOException, InterruptedException;

    /** Runs programs of the operating system. */
    static CommandRunner ofSystem() {
        return command -> {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try {
                process.getOutputStream().close();
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                return new Result(process.waitFor(), output);
            } finally {
                process.destroy();
            }
        };
    }
}
