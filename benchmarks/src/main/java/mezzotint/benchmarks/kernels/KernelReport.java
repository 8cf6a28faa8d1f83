package mezzotint.benchmarks.kernels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import mezzotint.benchmarks.ResultRow;
import mezzotint.kernel.cpu.CpuOptions;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.ListStatistics;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs the kernels under JMH and appends rows: products in GFLOP/s beside the machine's peak of the same run, the others in
 * milliseconds.
 */
@Command(name = "kernels", description = "Runs the kernels under JMH and appends rows to results.csv.")
public final class KernelReport implements Callable<Integer> {
    @Option(names = "--include", defaultValue = ".*", description = "regular expression on benchmark names")
    private String include;

    @Option(names = "--seconds", defaultValue = "1", description = "length of a measurement")
    private int seconds;

    @Option(names = "--repeats", defaultValue = "5", description = "measurements")
    private int repeats;

    @Option(
            names = "--rounds",
            defaultValue = "1",
            description = "times that all is run, each in processes of its own: what disturbs a machine for a while"
                    + " then decides no row")
    private int rounds;

    @Option(
            names = "--choice",
            split = ",",
            defaultValue = "BEST",
            description = "whose matrix products, several to compare them: ${COMPLETION-CANDIDATES}")
    private List<CpuOptions.Choice> choices;

    @Option(names = "--results", defaultValue = "results.csv", description = "file to append to")
    private Path results;

    /** Command line entry. */
    public static void main(String... args) {
        System.exit(new CommandLine(new KernelReport()).execute(args));
    }

    @Override
    public Integer call() throws RunnerException, IOException {
        Map<String, Measured> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (RunResult run : run()) {
                BenchmarkParams params = run.getParams();
                all.computeIfAbsent(params.id(), _ -> new Measured(params, new ListStatistics()))
                        .add(run);
            }
        }
        Map<Integer, Double> peaks = new TreeMap<>();
        for (Measured measured : all.values()) {
            if (measured.isPeak()) {
                int threads = measured.threads();
                peaks.put(threads, PeakBenchmark.operations(threads) / measured.percentile(50) / 1e3);
            }
        }
        List<ResultRow> rows = all.values().stream()
                .filter(measured -> !measured.isPeak())
                .map(measured -> row(measured, peaks))
                .toList();
        ResultRow.append(results, rows);
        return 0;
    }

    private Collection<RunResult> run() throws RunnerException {
        return new Runner(new OptionsBuilder()
                        .include(PeakBenchmark.class.getName())
                        .include("mezzotint\\.benchmarks\\.kernels\\." + include)
                        .param("choice", choices.stream().map(Enum::name).toArray(String[]::new))
                        .forks(1)
                        .warmupIterations(3)
                        .warmupTime(TimeValue.seconds(seconds))
                        .measurementIterations(repeats)
                        .measurementTime(TimeValue.seconds(seconds))
                        .build())
                .run();
    }

    /** A benchmark and the microseconds of an operation, one number an iteration of every round. */
    private record Measured(BenchmarkParams params, ListStatistics microseconds) {
        void add(RunResult run) {
            for (BenchmarkResult fork : run.getBenchmarkResults()) {
                for (IterationResult iteration : fork.getIterationResults()) {
                    microseconds.addValue(iteration.getPrimaryResult().getScore());
                }
            }
        }

        boolean isPeak() {
            return params.getBenchmark().contains("PeakBenchmark");
        }

        int threads() {
            return Integer.parseInt(params.getParam("threads"));
        }

        double percentile(double percent) {
            return microseconds.getPercentile(percent);
        }
    }

    private static ResultRow row(Measured measured, Map<Integer, Double> peaks) {
        BenchmarkParams params = measured.params();
        String[] path = params.getBenchmark().split("\\.");
        String name = path[path.length - 1];
        int threads = measured.threads();
        String dtype = params.getParam("choice").equals("ONEDNN_BF16") ? "bf16" : "f32";
        if (!path[path.length - 2].equals("MatmulBenchmark")) {
            return new ResultRow(
                    name,
                    "d384 h6 b32",
                    dtype,
                    threads,
                    measured.percentile(20) / 1e3,
                    measured.percentile(50) / 1e3,
                    measured.percentile(80) / 1e3,
                    Double.NaN,
                    Double.NaN);
        }
        String layer = params.getParam("layer");
        long[] size = MatmulBenchmark.sizes(layer);
        double megaflop = 2e-6 * size[0] * size[1] * size[2];
        double speed = megaflop / measured.percentile(50) * 1e3;
        return new ResultRow(
                "matmul " + name + " " + params.getParam("choice") + " GFLOP/s; peer = FMA peak",
                layer,
                dtype,
                threads,
                megaflop / measured.percentile(80) * 1e3,
                speed,
                megaflop / measured.percentile(20) * 1e3,
                peaks.get(threads),
                speed / peaks.get(threads));
    }
}
