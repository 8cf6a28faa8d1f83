package mezzotint.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command {@code mezzotint}. */
@Command(
        name = "mezzotint",
        version = Main.VERSION,
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        usageHelpWidth = 110,
        synopsisSubcommandLabel = "COMMAND",
        description = "Pixel-space diffusion: trains and samples text-to-image transformers on raw pixels.")
public final class Main implements Runnable {
    /** Name and version, as written into pictures. */
    static final String VERSION = "mezzotint 0.1.0";

    private static final String[] FOOTER = {
        "",
        "First steps:",
        "  mezzotint quickstart                     train on 64 pictures in 15 languages, about ten minutes",
        "  mezzotint sample \"a strawberry\"          draw a picture with the model that comes along",
        "  mezzotint sample --model runs/quickstart --sheet \"an owl\" \"une chouette\"",
        "  mezzotint train --data my-pictures/ --run runs/mine",
        "",
        "Exit status: 0 done, 1 a check or target failed, 2 wrong input or the system refused,",
        "70 a bug in Mezzotint, 130 ended by Ctrl-C."
    };

    private final Console console;

    @Spec
    private CommandSpec spec;

    @Option(names = "--stacktrace", scope = ScopeType.INHERIT, description = "Show where a failure came from.")
    private boolean stacktrace;

    private Main(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        spec.commandLine().usage(console.out());
    }

    /**
     * Runs one command and exits with its status.
     *
     * @param arguments the command line after the program's name
     */
    public static void main(String[] arguments) {
        System.exit(run(arguments, Console.ofProcess()));
    }

    /**
     * Runs one command in this process.
     *
     * @param out results
     * @param err progress and mistakes, as plain lines
     * @return the exit status: 0 done, 1 a check or target failed, 2 wrong input or the system refused, 70 a bug
     */
    public static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        return run(arguments, new Console(out, err, false));
    }

    static int run(String[] arguments, Console console) {
        Main main = new Main(console);
        CommandLine line = new CommandLine(main);
        Map<String, Supplier<Object>> commands = commands(console);
        boolean named = arguments.length > 0 && commands.containsKey(arguments[0]);
        commands.forEach((name, command) -> {
            if (!named || name.equals(arguments[0])) { // a start is faster with one command than with all
                line.addSubcommand(command.get());
            }
        });
        line.getCommandSpec().usageMessage().footer(FOOTER); // only now: subcommands would inherit it
        line.setOut(console.out());
        line.setErr(console.err());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setParameterExceptionHandler((failure, _) -> main.misuse(failure));
        line.setExecutionExceptionHandler((failure, _, _) -> main.failed(failure));
        try {
            return line.execute(arguments);
        } catch (Error e) { // picocli hands over exceptions only
            return main.failed(e);
        } finally {
            console.out().flush();
            console.err().flush();
        }
    }

    private static Map<String, Supplier<Object>> commands(Console console) {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("quickstart", () -> new QuickstartCommand(console));
        commands.put("train", () -> new TrainCommand(console));
        commands.put("autoencoder", () -> new AutoencoderCommand(console));
        commands.put("ablate", () -> new AblateCommand(console));
        commands.put("ablate-run", () -> new AblationRunCommand(console));
        commands.put("sample", () -> new SampleCommand(console));
        commands.put("evaluate", () -> new EvaluateCommand(console));
        commands.put(
                "data",
                () -> new CommandLine(new DataCommand())
                        .addSubcommand(new DataFetchCommand(console))
                        .addSubcommand(new DataShowCommand(console)));
        commands.put("cuda", () -> new CommandLine(new CudaCommand()).addSubcommand(new CudaFetchCommand(console)));
        commands.put("kernels", () -> KernelsCommand.line(console));
        commands.put("export", () -> new ExportCommand(console));
        commands.put("model", () -> ModelCommand.line(console));
        commands.put("doctor", () -> new DoctorCommand(console));
        commands.put("verify", () -> new VerifyCommand(console));
        return commands;
    }

    private int misuse(ParameterException failure) {
        console.err()
                .println("%s; see %s --help"
                        .formatted(
                                Failures.sentence(failure),
                                failure.getCommandLine().getCommandSpec().qualifiedName()));
        return trace(failure, ExitCode.MISTAKE);
    }

    private int failed(Throwable failure) {
        if (Failures.isRefusal(failure)) {
            console.err().println(Failures.sentence(failure));
            return trace(failure, ExitCode.MISTAKE);
        }
        console.err().println("mezzotint: this is a bug in Mezzotint; please report it with the lines below");
        failure.printStackTrace(console.err());
        return ExitCode.BUG;
    }

    private int trace(Throwable failure, int status) {
        if (stacktrace) {
            failure.printStackTrace(console.err());
        }
        return status;
    }
}
