package mezzotint.cuda;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.kernel.cuda.CudaException;
import mezzotint.kernel.evidence.KernelCheck;
import mezzotint.kernel.evidence.KernelVerification;
import mezzotint.kernel.evidence.KernelVerification.Row;
import mezzotint.kernel.evidence.ShippedChecks;
import mezzotint.kernel.evidence.WatchedDriver;
import mezzotint.ptx.LaunchReport;
import mezzotint.ptx.PtxMachine;
import mezzotint.ptx.PtxOptions;
import mezzotint.tensor.DType;

/** Plants bugs and runs the checks of {@code mezzotint kernels verify} on them, the cheapest first, until one fails. */
final class MutantRun {
    /** A bug may make a loop endless; the longest honest one turns some hundred times. */
    private static final long TURNS = 20_000;

    private record Work(KernelCheck check, DType type, long instructions) {}

    private final List<KernelCheck> checks = Stream.concat(
                    ShippedChecks.hard().stream(), ShippedChecks.standard().stream())
            .toList();
    private final Map<KernelCheck, List<Work>> costs = new HashMap<>();

    /**
     * What became of a bug.
     *
     * @param where the check that saw it; empty for a survivor
     * @param what it saw
     * @param byNumber whether that was a wrong number, and not a finding
     */
    record Verdict(Mutant mutant, String where, String what, boolean byNumber) {
        boolean isKilled() {
            return !where.isEmpty();
        }
    }

    /**
     * Runs the checks of one bug.
     *
     * @param ptx the whole PTX with the bug
     */
    Verdict run(Mutant mutant, String ptx) {
        PtxMachine machine = new PtxMachine(PtxOptions.standard().collecting().withTurns(TURNS));
        var driver = new WatchedDriver(machine, (name, text) -> name.equals(mutant.stem()) ? ptx : text);
        try (var verification = KernelVerification.onMachine(machine, driver)) {
            for (Work work : works(mutant)) {
                for (Row row : verification.run(work.check, work.type)) {
                    if (!row.passes()) {
                        return verdict(mutant, row);
                    }
                }
            }
            return new Verdict(mutant, "", "", false);
        } catch (CudaException e) {
            return new Verdict(mutant, "loading", e.getMessage(), false);
        }
    }

    private static Verdict verdict(Mutant mutant, Row row) {
        String where =
                "%s %s, %s".formatted(row.operation(), row.type(), row.check().shape());
        boolean byNumber = row.findings().isEmpty();
        String what = byNumber
                ? "%s off by %.1e".formatted(row.what(), row.error())
                : row.findings().getFirst().replaceFirst("^\\w+: ", "").replaceAll("(; at PTX|: ).*", "");
        return new Verdict(mutant, where, what, byNumber);
    }

    private List<Work> works(Mutant mutant) {
        return checks.stream()
                .filter(check -> check.name().startsWith(mutant.operations()))
                .flatMap(check -> costs.computeIfAbsent(check, MutantRun::cost).stream())
                .sorted(Comparator.comparingLong(Work::instructions))
                .toList();
    }

    private static List<Work> cost(KernelCheck check) {
        try (KernelVerification honest = KernelVerification.onMachine()) {
            return check.types().stream()
                    .map(type -> new Work(
                            check,
                            type,
                            honest.launches(check, type).stream()
                                    .mapToLong(LaunchReport::threadInstructionCount)
                                    .sum()))
                    .toList();
        }
    }
}
