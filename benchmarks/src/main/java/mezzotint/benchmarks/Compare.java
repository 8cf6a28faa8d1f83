package mezzotint.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import mezzotint.benchmarks.WholeStep.Implementation;
import mezzotint.benchmarks.WholeStep.Precision;
import mezzotint.benchmarks.WholeStep.Timing;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times the library beside libtorch: a process of each in turn, ratios pair by pair, so that what the machine does
 * besides hits both alike. From {@code benchmarks/}:
 *
 * <pre>java @run.args mezzotint.benchmarks.Compare --what TRAIN,SAMPLE,SAMPLE_PAIR --threads 1,2 --pairs 3</pre>
 */
@Command(name = "compare", description = "Times the library beside libtorch and appends rows to results.csv.")
public final class Compare implements Callable<Integer> {
    @Option(names = "--what", split = ",", defaultValue = "TRAIN", description = "${COMPLETION-CANDIDATES}")
    private List<Work> works;

    @Option(names = "--dtype", split = ",", defaultValue = "F32", description = "F32, BF16")
    private List<Precision> precisions;

    @Option(names = "--threads", split = ",", defaultValue = "1,2", description = "worker threads")
    private List<Integer> threads;

    @Option(names = "--pairs", defaultValue = "3", description = "processes of each, alternating")
    private int pairs;

    @Option(names = "--warmup", defaultValue = "5", description = "steps before timing, at least four seconds of them")
    private int warmup;

    @Option(names = "--steps", defaultValue = "10", description = "timed steps a process")
    private int steps;

    @Option(names = "--contention", description = "another process burns one core meanwhile")
    private boolean contention;

    @Option(names = "--ours", defaultValue = "MEZZOTINT", hidden = true)
    private Implementation ours;

    @Option(names = "--results", defaultValue = "results.csv", description = "file to append to")
    private Path results;

    /** Command line entry. */
    public static void main(String... args) {
        System.exit(new CommandLine(new Compare())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        for (Work work : works) {
            for (Precision precision : precisions) {
                for (int count : threads) {
                    ResultRow.append(results, contended(work, precision, count));
                }
            }
        }
        return 0;
    }

    private List<ResultRow> contended(Work work, Precision precision, int count)
            throws IOException, InterruptedException {
        if (!contention) {
            return compare(work, precision, count);
        }
        Process busy = Child.start(Busy.class, Map.of(), List.of());
        try {
            return compare(work, precision, count);
        } finally {
            busy.destroyForcibly().waitFor();
        }
    }

    private List<ResultRow> compare(Work work, Precision precision, int count)
            throws IOException, InterruptedException {
        List<Timing> mine = new ArrayList<>();
        List<Timing> peers = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            mine.add(measure(ours, work, precision, count));
            peers.add(measure(Implementation.LIBTORCH, work, precision, count));
            requireSameWork(precision, mine.getLast(), peers.getLast());
        }
        String what = work.label() + (contention ? " beside a process on one core" : "");
        String shape = work.shape().label();
        String dtype = precision.name().toLowerCase(Locale.ROOT);
        double[] speed = pairwise(mine, peers, Timing::p50);
        double[] memory = pairwise(mine, peers, Timing::peakMebibytes);
        double[] peaks = sorted(mine, Timing::peakMebibytes);
        return List.of(
                new ResultRow(
                        what,
                        shape,
                        dtype,
                        count,
                        median(sorted(mine, Timing::p20)),
                        median(sorted(mine, Timing::p50)),
                        median(sorted(mine, Timing::p80)),
                        median(sorted(peers, Timing::p50)),
                        median(speed)),
                new ResultRow(
                        what + " peak memory MiB",
                        shape,
                        dtype,
                        count,
                        peaks[0],
                        median(peaks),
                        peaks[peaks.length - 1],
                        median(sorted(peers, Timing::peakMebibytes)),
                        median(memory)));
    }

    private Timing measure(Implementation who, Work work, Precision precision, int count)
            throws IOException, InterruptedException {
        Map<String, String> environment = who == Implementation.LIBTORCH ? LibtorchStep.environment(count) : Map.of();
        Process process = Child.start(
                WholeStep.class,
                environment,
                List.of(
                        "--impl",
                        who.name(),
                        "--what",
                        work.name(),
                        "--dtype",
                        precision.name(),
                        "--threads",
                        "" + count,
                        "--warmup",
                        "" + warmup,
                        "--steps",
                        "" + steps));
        String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(who + " " + work + " ended with " + process.exitValue() + ": " + line);
        }
        System.out.println(work + " " + precision + " x" + count + " " + line);
        return new ObjectMapper().readValue(line, Timing.class);
    }

    /** Refuses to compare times of different arithmetic. */
    private static void requireSameWork(Precision precision, Timing mine, Timing peer) {
        double tolerance = precision == Precision.F32 ? 1e-4 : 2e-2; // bf16 keeps 8 bits
        for (int i = 0; i < peer.figures().length; i++) {
            double relative = Math.abs(mine.figures()[i] / (double) peer.figures()[i] - 1);
            if (!(relative <= tolerance)) {
                throw new IllegalStateException("after step " + (i + 1) + ": ours " + mine.figures()[i] + ", peer's "
                        + peer.figures()[i] + ": not the same work");
            }
        }
    }

    private static double[] pairwise(List<Timing> mine, List<Timing> peers, ToDoubleFunction<Timing> of) {
        return IntStream.range(0, mine.size())
                .mapToDouble(i -> of.applyAsDouble(mine.get(i)) / of.applyAsDouble(peers.get(i)))
                .sorted()
                .toArray();
    }

    private static double[] sorted(List<Timing> timings, ToDoubleFunction<Timing> of) {
        return timings.stream().mapToDouble(of).sorted().toArray();
    }

    private static double median(double[] sorted) {
        return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
                .average()
                .orElseThrow();
    }
}
