package mezzotint.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code mezzotint}. */
@Command(
        name = "mezzotint",
        version = "mezzotint 0.1.0",
        mixinStandardHelpOptions = true,
        description = "Pixel-space diffusion: train and sample text-to-image transformers on raw pixels.")
public final class Main implements Runnable {

    private Main() {}

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    /**
     * Runs one command and exits with its status: 0 done, 1 failed, 2 wrong input.
     *
     * @param arguments the command line after the program's name
     */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main()).execute(arguments));
    }
}
