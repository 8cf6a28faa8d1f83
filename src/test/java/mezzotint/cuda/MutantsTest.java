package mezzotint.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import mezzotint.cuda.MutantRun.Verdict;
import mezzotint.kernel.evidence.ShippedKernels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The checks see bugs: some are planted in every build, all by {@code mvn -Pmutants}, which writes the report. */
class MutantsTest {
    private static final Path REPORT = Path.of("benchmarks", "mutants.md");
    private static final Path SOURCES = Path.of("src", "main", "cuda");

    /** One bug in so many is planted in an ordinary build: all of them take more than a minute. */
    private static final int EVERY = 3;

    @TempDir
    private Path folder;

    @Test
    @DisabledIfSystemProperty(named = "mezzotint.mutants", matches = "all")
    void someBugsInThePtxAreSeen() {
        List<Mutant> all = Mutants.inPtx();
        var run = new MutantRun();
        List<String> survivors = IntStream.range(0, all.size())
                .filter(i -> i % EVERY == 0
                        && !Mutants.whySomeSurvive().containsKey(all.get(i).toString()))
                .mapToObj(i -> run.run(all.get(i), plantedPtx(all.get(i))))
                .filter(verdict -> !verdict.isKilled())
                .map(verdict -> verdict.mutant().toString())
                .toList();
        assertEquals(List.of(), survivors);
    }

    @Test
    void everyBugCanBePlantedAndStandsInTheReport() throws IOException {
        String report = Files.readString(REPORT);
        assertTrue(Mutants.inPtx().size() >= 40, "at least 40 bugs");
        for (Mutant mutant : Mutants.inPtx()) {
            assertNotEquals(ShippedKernels.ptx(mutant.stem()), plantedPtx(mutant), mutant.toString());
        }
        for (Mutant mutant : SourceMutants.all()) {
            String text = Files.readString(SOURCES.resolve(mutant.place()));
            assertNotEquals(text, mutant.plant(text), mutant.toString());
        }
        for (Mutant mutant : Stream.concat(Mutants.inPtx().stream(), SourceMutants.all().stream())
                .toList()) {
            assertTrue(
                    report.contains("| `%s` | %s |".formatted(mutant.place(), mutant.bug())),
                    () -> mutant + " is not in %s; run mvn -Pmutants".formatted(REPORT));
        }
    }

    @Test
    @EnabledIfSystemProperty(named = "mezzotint.mutants", matches = "all")
    void nearlyAllBugsAreSeenAndTheReportSaysWhere() throws IOException {
        String nvcc = PtxBuild.nvccVersion()
                .orElseThrow(
                        () -> new AssertionError("bugs in sources want an nvcc on the PATH; the report has them too"));
        var run = new MutantRun();
        List<Verdict> verdicts = new ArrayList<>();
        for (Mutant mutant : Mutants.inPtx()) {
            verdicts.add(run.run(mutant, plantedPtx(mutant)));
        }
        for (Mutant mutant : SourceMutants.all()) {
            verdicts.add(run.run(mutant, compiled(mutant, nvcc)));
        }
        var report = new MutantReport(verdicts);
        Files.writeString(REPORT, report.markdown());
        assertTrue(
                report.killed() >= MutantReport.LEAST * verdicts.size(),
                () -> "%d of %d bugs seen; see %s".formatted(report.killed(), verdicts.size(), REPORT));
    }

    private static String plantedPtx(Mutant mutant) {
        return mutant.plant(ShippedKernels.ptx(mutant.stem()));
    }

    private String compiled(Mutant mutant, String nvcc) throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            for (Path file : files.toList()) {
                String text = Files.readString(file);
                String name = file.getFileName().toString();
                Files.writeString(folder.resolve(name), name.equals(mutant.place()) ? mutant.plant(text) : text);
            }
        }
        return new PtxBuild(folder, folder)
                .compile(List.of(mutant.stem()), nvcc)
                .getFirst();
    }

    @Test
    void aBugWhoseInstructionIsGoneCannotBePlanted() {
        String ptx = ".visible .entry a(\n)\n{\n\tbar.sync 0;\n}\n.visible .entry b(\n)\n{\n\tret;\n}\n";
        var second = Mutant.ofPtx("x", "a", "a", "no second barrier", "bar\\.sync 0;", 2, "");
        var elsewhere = Mutant.ofPtx("x", "b", "a", "no barrier", "bar\\.sync 0;", 1, "");
        var nowhere = Mutant.ofPtx("x", "c", "a", "no barrier", "bar\\.sync 0;", 1, "");
        assertEquals(
                "a: no second barrier: `bar\\.sync 0;` stands 1 times in a; the kernel has changed: plant the bug anew",
                assertThrows(AssertionError.class, () -> second.plant(ptx)).getMessage());
        assertThrows(AssertionError.class, () -> elsewhere.plant(ptx));
        assertEquals(
                "c: no barrier: there is no kernel c in x.ptx any more",
                assertThrows(AssertionError.class, () -> nowhere.plant(ptx)).getMessage());
        assertThrows(
                AssertionError.class,
                () -> Mutant.ofSource("x", "x.cu", "x", "two", "twice", "once").plant("twice twice"));
    }
}
