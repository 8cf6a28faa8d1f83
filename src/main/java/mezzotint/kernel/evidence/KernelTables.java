package mezzotint.kernel.evidence;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mezzotint.kernel.evidence.SassCounts.Operation;

/** The text of {@code benchmarks/kernels.md}. */
public final class KernelTables {
    private final List<KernelEvidence> kernels;
    private final TrafficReasons reasons;

    /** Of all kernels. */
    public KernelTables(List<KernelEvidence> kernels, TrafficReasons reasons) {
        this.kernels = kernels;
        this.reasons = reasons;
    }

    /** In Markdown; the same evidence gives the same text. */
    public String markdown() {
        return """
            # The CUDA kernels, as far as they are known without a GPU

            Written by `./mezzotint kernels report`; the build makes it again and fails on any difference, on a spill, and on
            traffic above %s × (shared memory) or %s × (global memory) the fewest possible without a reason in the source.
            **None of this was measured on a GPU.**

            ## As assembled

            By the ptxas of CUDA 12.6, for %s. *Occupancy*: warps that a multiprocessor holds of those it has room for, at
            the launch of the second table. *Shared*: bytes of a block there, static and dynamic. *Wide*: the share of
            instructions on global memory that move 16 bytes a thread. Then instructions in the code for sm_80, however
            often they run. No kernel has a stack or a spill unless a row says so.

            | kernel | registers | occupancy %% | shared | wide | HMMA | LDSM | MUFU | FFMA | SHFL | BAR |
            |---|---|---|---|---|---|---|---|---|---|---|
            %s

            ## As run on the PTX machine

            One launch of each at a standard shape. *Instructions* of threads. *Moved*: 32-byte sectors of global memory,
            each counted as often as a warp asks for it, whatever a cache would save. *Sectors* and *wavefronts*: those of global and shared memory over
            the fewest that the same requests could take. *Estimates* are a roofline and nothing that was measured:

                time = max(bytes / bandwidth, float32 operations / float32 peak, bf16 tensor operations / bf16 peak)

            %s

            A launch takes some microseconds whatever it does, so at these small shapes the estimates compare kernels and
            machines, and say little about a step.

            | kernel | shape | instructions | moved | sectors | wavefronts | operations | %s |
            |---|---|---|---|---|---|---|%s
            %s

            ## Reasons for more traffic

            %s
            """.formatted(
                ratio(TrafficReasons.MOST_WAVEFRONTS),
                ratio(TrafficReasons.MOST_SECTORS),
                Stream.of(Architecture.values()).map(Architecture::target).collect(Collectors.joining(", ")),
                lines(kernels.stream().map(this::assembled)),
                lines(Stream.of(Gpu.values()).map(gpu -> "- %s: %s".formatted(gpu.words(), gpu.peaks()))),
                Stream.of(Gpu.values()).map(gpu -> gpu.words() + " µs").collect(Collectors.joining(" | ")),
                "---|".repeat(Gpu.values().length),
                lines(kernels.stream()
                        .filter(kernel -> kernel.ran().isPresent())
                        .map(KernelTables::ran)),
                lines(heavy()));
    }

    private static String lines(Stream<String> lines) {
        return lines.collect(Collectors.joining("\n"));
    }

    private String assembled(KernelEvidence kernel) {
        Map<Architecture, AssembledKernel> assembled = kernel.assembled();
        SassCounts code = assembled.get(Architecture.SM_80).code();
        String spills = assembled.values().stream().allMatch(AssembledKernel::keepsAllInRegisters)
                ? ""
                : ", stack " + each(assembled, AssembledKernel::stackBytes);
        String occupancy = kernel.ran().isEmpty()
                ? "never run"
                : Stream.of(Architecture.values())
                        .map(architecture -> whole(100 * kernel.occupancy(architecture)))
                        .collect(Collectors.joining(" "));
        return "| `%s` | %s%s | %s | %s | %s | %s |"
                .formatted(
                        kernel.name(),
                        each(assembled, AssembledKernel::registers),
                        spills,
                        occupancy,
                        kernel.ran().map(report -> "" + report.sharedBytes()).orElse(""),
                        Double.isNaN(kernel.wideShare()) ? "" : ratio(kernel.wideShare()),
                        Stream.of(
                                        Operation.HMMA,
                                        Operation.LDSM,
                                        Operation.MUFU,
                                        Operation.FFMA,
                                        Operation.SHFL,
                                        Operation.BAR)
                                .map(operation -> code.of(operation) == 0 ? "" : "" + code.of(operation))
                                .collect(Collectors.joining(" | ")));
    }

    /** One number where all architectures agree. */
    private static String each(Map<Architecture, AssembledKernel> assembled, ToIntFunction<AssembledKernel> number) {
        List<String> numbers = assembled.values().stream()
                .map(kernel -> "" + number.applyAsInt(kernel))
                .toList();
        return numbers.stream().distinct().count() == 1 ? numbers.getFirst() : String.join(" ", numbers);
    }

    private static String ran(KernelEvidence kernel) {
        return "| `%s` | %s | %s | %s | %s | %s | %s | %s |"
                .formatted(
                        kernel.name(),
                        kernel.shape(),
                        size(kernel.ran().orElseThrow().threadInstructionCount(), ""),
                        size(kernel.global().bytesMoved(), "B"),
                        ratio(kernel.global().excess()),
                        kernel.shared().transactions() == 0
                                ? ""
                                : ratio(kernel.shared().excess()),
                        size(kernel.plainFlops() + kernel.matrixFlops(), ""),
                        Stream.of(Gpu.values())
                                .map(gpu -> ratio(kernel.microseconds(gpu)))
                                .collect(Collectors.joining(" | ")));
    }

    private Stream<String> heavy() {
        if (kernels.stream().noneMatch(TrafficReasons::isHeavy)) {
            return Stream.of("None is needed.");
        }
        return kernels.stream()
                .filter(TrafficReasons::isHeavy)
                .map(kernel -> "- `%s`: %s"
                        .formatted(kernel.name(), reasons.of(kernel.name()).orElse("**none is written**")));
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }

    private static String ratio(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** Three digits and a letter: {@code 1.23 M}. */
    private static String size(long count, String unit) {
        double value = count;
        String[] letters = {"", "k", "M", "G"};
        int letter = 0;
        while (value >= 999.5 && letter < letters.length - 1) {
            value /= 1000;
            letter++;
        }
        String format = letter == 0 || value >= 99.95 ? "%.0f %s%s" : value >= 9.995 ? "%.1f %s%s" : "%.2f %s%s";
        return String.format(Locale.ROOT, format, value, letters[letter], unit).strip();
    }
}
