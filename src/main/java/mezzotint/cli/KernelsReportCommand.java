package mezzotint.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import mezzotint.io.FileWriteException;
import mezzotint.kernel.evidence.KernelEvidence;
import mezzotint.kernel.evidence.KernelTables;
import mezzotint.kernel.evidence.TrafficReasons;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mezzotint kernels report}. */
@Command(
        name = "report",
        description = {
            "Writes down what is known of every shipped kernel without a GPU.",
            "",
            "What the assembler makes of it on four architectures, what the machine for PTX counts at a standard"
                + " shape, and a roofline estimate for three GPUs. Run it in the folder of the sources; the build"
                + " makes the same text and fails on a difference. The exit status is 1 when a kernel spills, is never"
                + " run, or moves more than it must without a reason written in its source.%n"
        })
final class KernelsReportCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "benchmarks/kernels.md",
            description = "Where to write it (default: ${DEFAULT-VALUE}).")
    private Path out;

    @Option(
            names = "--sources",
            paramLabel = "FOLDER",
            defaultValue = "src/main/cuda",
            description = "Where the kernels' sources lie, with the reasons in them (default: ${DEFAULT-VALUE}).")
    private Path sources;

    KernelsReportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (!Files.isDirectory(sources)) {
            throw new UserMistake(
                    "there is no folder %s; run this in the folder of the sources, or say --sources", sources);
        }
        TrafficReasons reasons = TrafficReasons.in(sources);
        List<KernelEvidence> kernels = KernelEvidence.gather();
        try {
            Files.writeString(out, new KernelTables(kernels, reasons).markdown());
        } catch (IOException e) {
            throw FileWriteException.of(out, e);
        }
        List<String> breaches = reasons.breaches(kernels);
        breaches.forEach(breach -> console.out().println("FAIL  " + breach));
        console.out().println("%s: %d kernels, %d complaints".formatted(out, kernels.size(), breaches.size()));
        return breaches.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }
}
