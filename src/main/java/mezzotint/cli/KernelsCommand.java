package mezzotint.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code mezzotint kernels}. */
@Command(
        name = "kernels",
        synopsisSubcommandLabel = "COMMAND",
        description = "Proves and counts CUDA kernels, with or without a GPU.%n")
final class KernelsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** With its subcommands. */
    static CommandLine line(Console console) {
        return new CommandLine(new KernelsCommand())
                .addSubcommand(new KernelsVerifyCommand(console))
                .addSubcommand(new KernelsCheckCommand(console))
                .addSubcommand(new KernelsReportCommand(console));
    }

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        line.usage(line.getOut());
    }
}
