package mezzotint.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One row of {@code results.csv}.
 *
 * @param what what was measured, with its unit unless that is milliseconds
 * @param shape sizes, as {@link PrxShape#label} writes them
 * @param dtype numbers of the products
 * @param threads worker threads
 * @param p20 ours, 20th percentile
 * @param p50 ours, median
 * @param p80 ours, 80th percentile
 * @param peer the peer's median, NaN without a peer
 * @param ratio ours over the peer's, median of the pairs; of times and memory below 1 is better than the peer
 */
public record ResultRow(
        String what,
        String shape,
        String dtype,
        int threads,
        double p20,
        double p50,
        double p80,
        double peer,
        double ratio) {

    private static final String HEADER = "what,shape,dtype,threads,p20,p50,p80,peer p50,ratio,machine,commit,date\n";

    /** @throws IllegalArgumentException when a text holds a comma */
    public ResultRow {
        if ((what + shape + dtype).contains(",")) {
            throw new IllegalArgumentException("comma in a column: " + what + " / " + shape + " / " + dtype);
        }
    }

    /** Adds rows of this machine's processors at the end, after a header when the file is new. */
    public static void append(Path file, List<ResultRow> rows) throws IOException {
        append(file, rows, machine());
    }

    /** Adds rows at the end, after a header when the file is new. */
    public static void append(Path file, List<ResultRow> rows, String machine) throws IOException {
        StringBuilder text = new StringBuilder(Files.exists(file) ? "" : HEADER);
        String origin = machine + "," + commit() + "," + LocalDate.now(ZoneOffset.UTC);
        for (ResultRow r : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s,%s,%s,%d,%.2f,%.2f,%.2f,%s,%s,%s%n",
                    r.what,
                    r.shape,
                    r.dtype,
                    r.threads,
                    r.p20,
                    r.p50,
                    r.p80,
                    orBlank("%.2f", r.peer),
                    orBlank("%.3f", r.ratio),
                    origin));
        }
        Files.writeString(file, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String orBlank(String format, double number) {
        return Double.isNaN(number) ? "" : String.format(Locale.ROOT, format, number);
    }

    private static String machine() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            String model = lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
            return model.replace(',', ' ') + " x" + Runtime.getRuntime().availableProcessors();
        }
    }

    private static String commit() throws IOException {
        String head = output("git", "rev-parse", "--short", "HEAD");
        String changed = output(
                "git",
                "status",
                "--porcelain",
                "--untracked-files=no",
                "--",
                ".",
                "../src",
                "../pom.xml",
                ":(exclude)results.csv");
        return changed.isEmpty() ? head : head + "+";
    }

    private static String output(String... command) throws IOException {
        Process process = new ProcessBuilder(command).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    }
}
