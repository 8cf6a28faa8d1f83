package mezzotint.kernel.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import mezzotint.kernel.evidence.SassCounts.Operation;
import mezzotint.ptx.LaunchReport;
import mezzotint.tensor.DType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is committed about the kernels is what they are, and they keep their limits. */
class KernelEvidenceTest {
    private static final Path SOURCES = Path.of("src", "main", "cuda");
    private static final Path REPORT = Path.of("benchmarks", "kernels.md");

    private static List<KernelEvidence> kernels;

    @TempDir
    private Path folder;

    @BeforeAll
    static void gather() {
        try (var assembly = new RememberedAssembly(Path.of("target", "assembled"))) {
            kernels = KernelEvidence.gather(assembly::assemble);
        }
    }

    @Test
    void noKernelSpillsOrMovesTooMuchWithoutAReason() {
        assertEquals(List.of(), TrafficReasons.in(SOURCES).breaches(kernels));
    }

    @Test
    void theCommittedReportIsThatOfTheseKernels() throws IOException {
        String now = new KernelTables(kernels, TrafficReasons.in(SOURCES)).markdown();
        String committed = Files.readString(REPORT);
        List<String> missing = now.lines()
                .filter(line -> committed.lines().noneMatch(line::equals))
                .toList();
        assertTrue(
                now.equals(committed),
                () -> "%s is out of date; run ./mezzotint kernels report. New lines:\n%s"
                        .formatted(REPORT, String.join("\n", missing)));
    }

    @Test
    void everySourceIsShippedAndEveryKernelRuns() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            List<String> stems = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".cu"))
                    .map(name -> name.replace(".cu", ""))
                    .sorted()
                    .toList();
            assertEquals(stems, ShippedKernels.stems());
        }
        assertEquals(
                ShippedKernels.entries(),
                kernels.stream()
                        .filter(kernel -> kernel.ran().isPresent())
                        .map(KernelEvidence::name)
                        .toList());
    }

    @Test
    void seesASpillAKernelThatNothingRunsAndAReasonThatNothingNeeds() {
        KernelEvidence idle = evidence(new AssembledKernel("idle", 40, 8, 4, 4, 0, none()), Optional.empty());
        List<String> breaches = new TrafficReasons(Map.of("other_*", "why not")).breaches(List.of(idle));
        assertEquals(
                List.of(
                        "idle keeps 8 bytes of a thread in local memory on sm_80 (spills: 4 stored, 4 loaded); give it"
                                + " more registers or fewer values in src/main/cuda/stem.cu",
                        "idle is never run; add a check that launches it, or remove it from src/main/cuda/stem.cu",
                        "no kernel needs the reason `// traffic: other_*`; remove it"),
                breaches);
    }

    /** On rows of 14 bf16 the bytes of a warp straddle sectors. */
    @Test
    void wantsAReasonForTrafficAndTakesOneWithAStar() throws IOException {
        LaunchReport launch;
        try (KernelVerification machine = KernelVerification.onMachine()) {
            launch = machine.launches(NormChecks.rope(1, 2, 3, 13, 14), DType.BF16)
                    .getFirst();
        }
        var heavy =
                evidence(new AssembledKernel("rope_forward_single_bf16", 40, 0, 0, 0, 0, none()), Optional.of(launch));
        List<String> breaches = new TrafficReasons(Map.of()).breaches(List.of(heavy));
        assertEquals(1, breaches.size());
        assertTrue(
                breaches.getFirst()
                        .matches("rope_forward_single_bf16 moves 1\\.\\d\\d × the fewest sectors of global memory"
                                + " \\(1\\.20 at most\\) and 1\\.00 × .*; mend it, or write"
                                + " `// traffic: rope_forward_single_bf16 why` in src/main/cuda/stem\\.cu"),
                breaches.getFirst());
        Files.writeString(folder.resolve("a.cuh"), "x\n// traffic: rope_*_bf16 rows start anywhere\n#pragma once\n");
        var reasons = TrafficReasons.in(folder);
        assertEquals(List.of(), reasons.breaches(List.of(heavy)));
        assertEquals(Optional.of("rows start anywhere"), reasons.of("rope_forward_single_bf16"));
        assertEquals(Optional.empty(), reasons.of("rope_forward_single_f32"));
    }

    @Test
    void theLeastTimeIsThatOfTheScarcestThing() {
        // 1.555 GB at 1555 GB/s; 39 TFLOP at 19.5; 624 at 312
        assertEquals(1000, Gpu.A100.microseconds(1.555e9, 0, 0), 1e-6);
        assertEquals(2e6, Gpu.A100.microseconds(1.555e9, 39e12, 0), 1e-3);
        assertEquals(2e6, Gpu.A100.microseconds(1.555e9, 0, 624e12), 1e-3);
    }

    @Test
    void remembersAnAssembledKernel() {
        var kernel = new AssembledKernel(
                "k",
                1,
                2,
                3,
                4,
                5,
                new SassCounts(Map.of(Operation.LDG, 6, Operation.BAR, 7), Map.of(Operation.LDG, 1)));
        assertEquals(kernel, RememberedAssembly.read(RememberedAssembly.written(kernel)));
    }

    private static KernelEvidence evidence(AssembledKernel kernel, Optional<LaunchReport> ran) {
        return new KernelEvidence("stem", kernel.name(), Map.of(Architecture.SM_80, kernel), ran, "some shape");
    }

    private static SassCounts none() {
        return new SassCounts(Map.of(), Map.of());
    }
}
