package mezzotint.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import mezzotint.cli.golden.GoldenCase;
import mezzotint.cli.golden.GoldenCase.Comparison;
import mezzotint.cli.golden.GoldenCheck;
import mezzotint.cli.golden.GoldenChecks;
import mezzotint.io.FileReadException;
import mezzotint.kernel.Device;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mezzotint verify}. */
@Command(
        name = "verify",
        description = {
            "Runs recorded cases of the upstream implementation and compares results.",
            "",
            "A line a case: its name, how many comparisons, the worst one with its relative L2 and tolerance, and the "
                    + "verdict. A kind that is not known is skipped, never passed. The exit status is 1 on any failure "
                    + "and when nothing was run.%n"
        })
final class VerifyCommand implements Callable<Integer> {
    private final Console console;
    private int passed;
    private int failed;
    private int skipped;

    @Parameters(
            arity = "1..*",
            paramLabel = "FOLDER",
            description = "A case (a folder with a case.json), or a folder of cases.")
    private List<Path> folders = List.of();

    @Option(names = "--verbose", description = "List every comparison.")
    private boolean verbose;

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    VerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Path> cases =
                folders.stream().flatMap(folder -> casesIn(folder).stream()).toList();
        int width = cases.stream().mapToInt(path -> name(path).length()).max().orElse(0);
        try (Device device = deviceOptions.open()) {
            for (Path path : cases) {
                console.out().println(String.format("%-" + width + "s  %s", name(path), verdict(path, device)));
                console.out().flush();
            }
        }
        console.out().println("%d passed, %d failed, %d skipped".formatted(passed, failed, skipped));
        if (passed + failed == 0) {
            console.err()
                    .println("mezzotint: nothing was run: %s"
                            .formatted(
                                    cases.isEmpty()
                                            ? "there is no case in the folders given"
                                            : "every case is of an unknown kind"));
        }
        return failed > 0 || passed == 0 ? ExitCode.FAILED : ExitCode.OK;
    }

    private static List<Path> casesIn(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new UserMistake("%s is no folder; verify wants a case or a folder of cases", folder);
        }
        if (isCase(folder)) {
            return List.of(folder);
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(VerifyCommand::isCase).sorted().toList();
        } catch (IOException e) {
            throw FileReadException.of(folder, e);
        }
    }

    private static boolean isCase(Path folder) {
        return Files.isRegularFile(folder.resolve("case.json"));
    }

    private static String name(Path folder) {
        return folder.toAbsolutePath().normalize().getFileName().toString();
    }

    private String verdict(Path folder, Device device) {
        Optional<GoldenCheck> check = GoldenChecks.of(name(folder));
        if (check.isEmpty()) {
            skipped++;
            return "SKIPPED (unknown kind)";
        }
        try (GoldenCase golden = new GoldenCase(folder)) {
            check.get().run(golden, device);
            return verdict(golden.comparisons());
        } catch (RuntimeException e) {
            failed++; // a case that cannot be run to its end has not passed
            return "FAIL  (%s)".formatted(Failures.sentence(e).replaceFirst("^mezzotint: ", ""));
        }
    }

    private String verdict(List<Comparison> comparisons) {
        List<Comparison> byShare = new ArrayList<>(comparisons);
        byShare.sort(
                Comparator.comparingDouble((Comparison c) -> Double.isNaN(c.share()) ? Double.MAX_VALUE : c.share())
                        .reversed());
        boolean passes = !comparisons.isEmpty() && comparisons.stream().allMatch(Comparison::passes);
        if (passes) {
            passed++;
        } else {
            failed++;
        }
        StringBuilder line = new StringBuilder("%4d comparisons  ".formatted(comparisons.size()));
        line.append(byShare.isEmpty() ? "" : "worst " + shown(byShare.getFirst()) + "  ");
        line.append(passes ? "PASS" : "FAIL");
        if (verbose) {
            byShare.forEach(c -> line.append("%n    %s  %s".formatted(c.passes() ? "ok  " : "FAIL", shown(c))));
        }
        return line.toString();
    }

    private static String shown(Comparison comparison) {
        return String.format(
                Locale.ROOT, "%s %.1e of %.1e", comparison.name(), comparison.error(), comparison.tolerance());
    }
}
