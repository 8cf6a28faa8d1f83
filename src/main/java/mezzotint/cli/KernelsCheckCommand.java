package mezzotint.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mezzotint.io.FileReadException;
import mezzotint.kernel.DeviceUnavailableException;
import mezzotint.kernel.evidence.Architecture;
import mezzotint.kernel.evidence.AssembledKernel;
import mezzotint.kernel.evidence.PtxAssembler;
import mezzotint.kernel.evidence.SassCounts.Operation;
import mezzotint.ptx.PtxMachine;
import mezzotint.ptx.PtxProgram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code mezzotint kernels check}. */
@Command(
        name = "check",
        description = {
            "Reads a PTX file and says what each of its kernels takes, with neither a GPU nor a CUDA toolkit.",
            "",
            "An instruction that the machine for PTX does not know, and a text that NVIDIA's assembler does not take,"
                    + " are errors. For each kernel: registers, local memory and static shared memory on each"
                    + " architecture, the share of accesses to global memory that are 16 bytes wide, and tensor-core"
                    + " instructions. To run a kernel of your own with every access checked, see the package"
                    + " mezzotint.ptx.%n"
        })
final class KernelsCheckCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "PTX files.")
    private List<Path> files = List.of();

    KernelsCheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<PtxAssembler> assembler = assembler();
        try {
            for (Path file : files) {
                check(file, assembler);
            }
        } finally {
            assembler.ifPresent(PtxAssembler::close);
        }
        return ExitCode.OK;
    }

    private Optional<PtxAssembler> assembler() {
        try {
            return Optional.of(PtxAssembler.open());
        } catch (DeviceUnavailableException e) {
            console.err().println(Failures.sentence(e));
            return Optional.empty();
        }
    }

    private void check(Path file, Optional<PtxAssembler> assembler) {
        String ptx = read(file);
        PtxProgram program = PtxProgram.parse(file.toString().replaceFirst("\\.ptx$", ""), ptx);
        try (PtxMachine machine = new PtxMachine()) {
            machine.load(program);
        }
        Map<String, String> lines = new HashMap<>();
        assembler.ifPresent(open -> describe(open, ptx).forEach((kernel, kernels) -> lines.put(kernel, line(kernels))));
        console.out()
                .println("%s: %d kernels, all instructions known"
                        .formatted(file, program.entries().size()));
        for (String kernel : program.entries()) {
            console.out().println("  " + kernel + lines.getOrDefault(kernel, ""));
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new UserMistake("%s is no text; kernels check wants PTX, not a cubin or a fat binary", file);
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
    }

    private static Map<String, Map<Architecture, AssembledKernel>> describe(PtxAssembler assembler, String ptx) {
        Map<String, Map<Architecture, AssembledKernel>> kernels = new HashMap<>();
        for (Architecture architecture : Architecture.values()) {
            for (AssembledKernel kernel : assembler.assemble(ptx, architecture)) {
                kernels.computeIfAbsent(kernel.name(), _ -> new HashMap<>()).put(architecture, kernel);
            }
        }
        return kernels;
    }

    private static String line(Map<Architecture, AssembledKernel> kernels) {
        AssembledKernel first = kernels.get(Architecture.SM_80);
        double wide = first.code().wideShare(Operation.LDG, Operation.STG, Operation.LDGSTS);
        return ": registers %s, local memory %s bytes, shared memory %d bytes, 16-byte accesses %s, HMMA %d"
                .formatted(
                        each(kernels, AssembledKernel::registers),
                        each(kernels, AssembledKernel::stackBytes),
                        first.sharedBytes(),
                        Double.isNaN(wide) ? "none" : String.format(Locale.ROOT, "%.0f %%", 100 * wide),
                        first.code().of(Operation.HMMA));
    }

    private static String each(
            Map<Architecture, AssembledKernel> kernels, java.util.function.ToIntFunction<AssembledKernel> number) {
        return Stream.of(Architecture.values())
                .map(architecture ->
                        "%d (%s)".formatted(number.applyAsInt(kernels.get(architecture)), architecture.target()))
                .collect(Collectors.joining(" "));
    }
}
