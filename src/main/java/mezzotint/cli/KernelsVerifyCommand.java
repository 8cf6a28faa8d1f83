package mezzotint.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import mezzotint.kernel.cuda.CudaDevice;
import mezzotint.kernel.cuda.CudaOptions;
import mezzotint.kernel.evidence.KernelCheck;
import mezzotint.kernel.evidence.KernelVerification;
import mezzotint.kernel.evidence.KernelVerification.Row;
import mezzotint.kernel.evidence.ShippedChecks;
import mezzotint.kernel.evidence.ShippedKernels;
import mezzotint.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mezzotint kernels verify}. */
@Command(
        name = "verify",
        description = {
            "Runs every shipped CUDA kernel, forward and backward, in float32 and bf16, and compares it with its"
                    + " definition in float64.",
            "",
            "Without a GPU: the very PTX that a GPU would run is run in Java, with every access checked. A line for"
                + " each operation and type: shapes, the largest distance in relative L2 with what is allowed,"
                + " findings, instructions of threads, sectors of global and wavefronts of shared memory over the"
                + " fewest possible (both at the last shape), and the time. The exit status is 1 when a number is too"
                + " far off, when anything was found, and when a kernel was never run.%n"
        })
final class KernelsVerifyCommand implements Callable<Integer> {
    private static final Pattern GPU = Pattern.compile("cuda(?::(\\d{1,4}))?");

    private final Console console;

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "ptx to run the PTX in Java (the default), cuda or cuda:N to run it on an NVIDIA GPU.")
    private String device = "ptx";

    @Option(
            names = "--only",
            paramLabel = "TEXT",
            description = "Only operations whose name holds this text, such as attention; no kernel is then missed.")
    private String only = "";

    @Option(names = "--verbose", description = "A line for each shape, with what is farthest off.")
    private boolean verbose;

    KernelsVerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<KernelCheck> checks = Stream.concat(ShippedChecks.hard().stream(), ShippedChecks.standard().stream())
                .filter(check -> check.name().contains(only))
                .toList();
        if (checks.isEmpty()) {
            throw new UserMistake(
                    "--only \"%s\" leaves nothing to run; operations are called %s",
                    only,
                    String.join(
                            ", ",
                            ShippedChecks.standard().stream()
                                    .map(KernelCheck::name)
                                    .distinct()
                                    .toList()));
        }
        long start = System.nanoTime();
        try (KernelVerification verification = open()) {
            console.err().println("running on: " + verification.on());
            List<Row> rows = run(verification, checks);
            VerificationTable table = new VerificationTable(rows, verbose);
            table.lines().forEach(console.out()::println);
            List<String> complaints = new ArrayList<>(table.failures());
            if (only.isEmpty()) {
                ShippedKernels.entries().stream()
                        .filter(kernel -> !verification.launched().contains(kernel))
                        .forEach(kernel -> complaints.add("FAIL  %s was never run".formatted(kernel)));
            }
            complaints.forEach(console.out()::println);
            long failed = rows.stream().filter(row -> !row.passes()).count();
            console.out()
                    .println("%d runs of %d kernels, %d failed, %d complaints, %s"
                            .formatted(
                                    rows.size(),
                                    verification.launched().size(),
                                    failed,
                                    complaints.size(),
                                    TrainingDisplay.clock((System.nanoTime() - start) / 1_000_000_000)));
            return complaints.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    private List<Row> run(KernelVerification verification, List<KernelCheck> checks) {
        List<Row> rows = new ArrayList<>();
        try (Bar bar = Bar.on(console, "verifying", checks.size())) {
            for (KernelCheck check : checks) {
                bar.say(check.name());
                for (DType type : check.types()) {
                    rows.addAll(verification.run(check, type));
                }
                bar.step();
            }
        }
        return rows;
    }

    private KernelVerification open() {
        Matcher gpu = GPU.matcher(device);
        if (gpu.matches()) {
            int index = Optional.ofNullable(gpu.group(1)).map(Integer::parseInt).orElse(0);
            return KernelVerification.onGpu(
                    CudaDevice.open(CudaOptions.of(index).withProducts(CudaOptions.Products.OWN)));
        }
        if (!device.equals("ptx")) {
            throw new UserMistake("--device wants ptx, cuda or cuda:N, got \"%s\"", device);
        }
        return KernelVerification.onMachine();
    }
}
