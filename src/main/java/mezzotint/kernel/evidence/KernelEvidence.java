package mezzotint.kernel.evidence;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import mezzotint.kernel.evidence.SassCounts.Operation;
import mezzotint.ptx.InstructionClass;
import mezzotint.ptx.LaunchReport;
import mezzotint.ptx.MemoryTraffic;
import mezzotint.tensor.DType;

/**
 * What is known of one shipped kernel.
 *
 * @param stem of its PTX
 * @param name its entry
 * @param assembled what the assembler made of it
 * @param ran its launch at a standard shape; empty when no check launches it
 * @param shape that shape, for people
 */
public record KernelEvidence(
        String stem,
        String name,
        Map<Architecture, AssembledKernel> assembled,
        Optional<LaunchReport> ran,
        String shape) {

    /** Takes a copy, in the order of the architectures. */
    public KernelEvidence {
        assembled = Collections.unmodifiableMap(new EnumMap<>(assembled));
    }

    /** Additions and products of a lane in one m16n8k16. */
    private static final long FLOPS_OF_PRODUCT = 2L * 16 * 8 * 16 / 32;

    private record Launch(LaunchReport report, String shape) {}

    /**
     * Assembles all kernels, in parallel, and runs each on the PTX machine: at a standard shape where one launches it, else at
     * the hard shape that gives it most to do.
     */
    public static List<KernelEvidence> gather() {
        try (PtxAssembler assembler = PtxAssembler.open()) {
            return gather(assembler::assemble);
        }
    }

    /**
     * The same with another way to assembled kernels: one that remembers them, say.
     *
     * @param assemble from a PTX text and an architecture; called from several threads
     */
    public static List<KernelEvidence> gather(BiFunction<String, Architecture, List<AssembledKernel>> assemble) {
        Map<String, Launch> launches = new HashMap<>();
        try (KernelVerification machine = KernelVerification.onMachine()) {
            collect(machine, ShippedChecks.hard(), launches);
            Map<String, Launch> standard = new HashMap<>();
            collect(machine, ShippedChecks.standard(), standard);
            launches.putAll(standard);
        }
        Map<String, Map<Architecture, AssembledKernel>> assembled = new ConcurrentHashMap<>();
        ShippedKernels.stems().parallelStream()
                .flatMap(stem -> Stream.of(Architecture.values()).map(architecture -> Map.entry(stem, architecture)))
                .forEach(work -> assemble.apply(ShippedKernels.ptx(work.getKey()), work.getValue())
                        .forEach(kernel -> assembled
                                .computeIfAbsent(kernel.name(), _ -> new ConcurrentHashMap<>())
                                .put(work.getValue(), kernel)));
        List<KernelEvidence> evidence = new ArrayList<>();
        for (String stem : ShippedKernels.stems()) {
            for (String name : ShippedKernels.entries(stem)) {
                Optional<Launch> launch = Optional.ofNullable(launches.get(name));
                evidence.add(new KernelEvidence(
                        stem,
                        name,
                        assembled.get(name),
                        launch.map(Launch::report),
                        launch.map(Launch::shape).orElse("")));
            }
        }
        return evidence;
    }

    private static void collect(KernelVerification machine, List<KernelCheck> checks, Map<String, Launch> launches) {
        for (KernelCheck check : checks) {
            for (DType type : check.types()) {
                for (LaunchReport report : machine.launches(check, type)) {
                    Launch launch = new Launch(report, check.name() + ", " + check.shape());
                    launches.merge(report.kernel(), launch, KernelEvidence::larger);
                }
            }
        }
    }

    private static Launch larger(Launch a, Launch b) {
        return b.report.threadInstructionCount() > a.report.threadInstructionCount() ? b : a;
    }

    /** What it asked of global memory, both ways. */
    public MemoryTraffic global() {
        return ran.map(report -> report.globalLoad().plus(report.globalStore())).orElseThrow();
    }

    /** What it asked of shared memory. */
    public MemoryTraffic shared() {
        return ran.orElseThrow().shared();
    }

    /** Warps that a multiprocessor holds, as a share of those it has room for; NaN when no check launches it. */
    public double occupancy(Architecture architecture) {
        return ran.map(report -> (double) architecture.residentWarps(
                                report.threadsPerBlock(),
                                assembled.get(architecture).registers(),
                                report.sharedBytes())
                        / architecture.warps())
                .orElse(Double.NaN);
    }

    /** The share of its accesses to global memory that are 16 bytes wide, copies to shared memory included. */
    public double wideShare() {
        return assembled.get(Architecture.SM_80).code().wideShare(Operation.LDG, Operation.STG, Operation.LDGSTS);
    }

    /** Additions and products on tensor cores. */
    public long matrixFlops() {
        return ran.orElseThrow().threadInstructions().getOrDefault(InstructionClass.MATRIX, 0L) * FLOPS_OF_PRODUCT;
    }

    /** Additions and products elsewhere. */
    public long plainFlops() {
        return ran.orElseThrow().flops() - matrixFlops();
    }

    /** The least time on a GPU in microseconds; an estimate, see {@link Gpu}. */
    public double microseconds(Gpu gpu) {
        return gpu.microseconds(global().bytesMoved(), plainFlops(), matrixFlops());
    }
}
