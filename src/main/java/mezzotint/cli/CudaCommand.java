package mezzotint.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code mezzotint cuda}. */
@Command(
        name = "cuda",
        synopsisSubcommandLabel = "COMMAND",
        description = "Fetches what an NVIDIA GPU is used with; `mezzotint doctor` says what is missing.%n")
final class CudaCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        line.usage(line.getOut());
    }
}
