package mezzotint.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code mezzotint model}. */
@Command(
        name = "model",
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes denoisers of random numbers and measures what one costs.%n")
final class ModelCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** With its subcommands. */
    static CommandLine line(Console console) {
        return new CommandLine(new ModelCommand())
                .addSubcommand(new ModelRandomCommand(console))
                .addSubcommand(new ModelForwardCommand(console));
    }

    @Override
    public void run() {
        CommandLine line = spec.commandLine();
        line.usage(line.getOut());
    }
}
