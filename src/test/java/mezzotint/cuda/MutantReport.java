package mezzotint.cuda;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import mezzotint.cuda.MutantRun.Verdict;

/** The text of {@code benchmarks/mutants.md}. */
final class MutantReport {
    /** The least share of bugs that has to be seen. */
    static final double LEAST = 0.95;

    private final List<Verdict> verdicts;

    MutantReport(List<Verdict> verdicts) {
        this.verdicts = verdicts;
    }

    long killed() {
        return verdicts.stream().filter(Verdict::isKilled).count();
    }

    String markdown() {
        long byNumber =
                verdicts.stream().filter(v -> v.isKilled() && v.byNumber()).count();
        return """
            # Planted bugs

            Written by `mvn -Pmutants`, which plants each of these bugs by one edit into the PTX that ships or into a source,
            runs the checks of `mezzotint kernels verify` on it, the cheapest first, and says which one saw it. The ordinary
            build does so with every third bug in the PTX; %.0f %% have to be seen.

            **%d of %d bugs are seen**: %d by a finding of the PTX machine, %d by a wrong number.

            Survivors:

            %s

            ## In the PTX

            %s

            ## In the sources

            %s
            """.formatted(
                        100 * LEAST,
                        killed(),
                        verdicts.size(),
                        killed() - byNumber,
                        byNumber,
                        survivors(),
                        table(false),
                        table(true));
    }

    private String survivors() {
        List<Verdict> survivors = verdicts.stream().filter(v -> !v.isKilled()).toList();
        if (survivors.isEmpty()) {
            return "None.";
        }
        Map<String, String> why = Mutants.whySomeSurvive();
        return survivors.stream()
                .map(v -> "- %s: %s"
                        .formatted(v.mutant(), why.getOrDefault(v.mutant().toString(), "**nobody knows why**")))
                .collect(Collectors.joining("\n"));
    }

    private String table(boolean ofSource) {
        String heading = "| %s | bug | seen in | as |\n|---|---|---|---|\n".formatted(ofSource ? "source" : "kernel");
        return heading
                + verdicts.stream()
                        .filter(v -> v.mutant().isOfSource() == ofSource)
                        .map(v -> "| `%s` | %s | %s | %s |"
                                .formatted(v.mutant().place(), v.mutant().bug(), v.where(), v.what()))
                        .collect(Collectors.joining("\n"));
    }
}
