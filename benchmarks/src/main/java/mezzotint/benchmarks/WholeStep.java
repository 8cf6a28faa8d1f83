package mezzotint.benchmarks;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times one implementation's steps in this process and prints one line of JSON. */
@Command(name = "whole-step", description = "Times whole steps of one implementation.")
public final class WholeStep implements Callable<Integer> {
    private static final int CHECKED = 3;

    /** Both sides; before it the compiler of Java works on the same cores, which doubled short steps on two threads. */
    private static final long LEAST_WARM_UP_NANOS = 4_000_000_000L;

    /** Whose steps. */
    public enum Implementation {
        LIBTORCH,
        MEZZOTINT
    }

    /** Numbers the products are made in. */
    public enum Precision {
        F32,
        /** Weights in float32, products in bf16. */
        BF16,
        /** libtorch only: weights, their updates and all activations in bf16. */
        WHOLE_BF16
    }

    @Option(names = "--impl", required = true, description = "${COMPLETION-CANDIDATES}")
    private Implementation implementation;

    @Option(names = "--threads", defaultValue = "1", description = "worker threads")
    private int threads;

    @Option(names = "--dtype", defaultValue = "F32", description = "${COMPLETION-CANDIDATES}")
    private Precision precision;

    @Option(names = "--what", defaultValue = "TRAIN", description = "${COMPLETION-CANDIDATES}")
    private Work work;

    @Option(
            names = "--warmup",
            defaultValue = "3",
            description = "steps before timing, at least 3 and four seconds of them")
    private int warmup;

    @Option(names = "--steps", defaultValue = "10", description = "timed steps")
    private int steps;

    /** Command line entry. */
    public static void main(String... args) {
        System.exit(new CommandLine(new WholeStep())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .execute(args));
    }

    /**
     * What one process measured.
     *
     * @param description the implementation's own words
     * @param p20 milliseconds a step, 20th percentile
     * @param p50 median milliseconds a step
     * @param p80 milliseconds a step, 80th percentile
     * @param processor milliseconds of processor time a step, all threads, mean; feels other processes less
     * @param peakMebibytes most resident memory of the process, MiB
     * @param figures loss or picture after each of the first three steps
     */
    public record Timing(
            String description,
            double p20,
            double p50,
            double p80,
            double processor,
            double peakMebibytes,
            float[] figures) {}

    @Override
    public Integer call() throws IOException {
        System.out.println(new ObjectMapper().writeValueAsString(measure()));
        return 0;
    }

    private Timing measure() throws IOException {
        try (Step step = open()) {
            float[] figures = new float[CHECKED];
            long start = System.nanoTime();
            for (int i = 0; i < Math.max(CHECKED, warmup) || System.nanoTime() - start < LEAST_WARM_UP_NANOS; i++) {
                step.run();
                if (i < CHECKED) {
                    figures[i] = step.figure();
                }
            }
            double[] milliseconds = new double[steps];
            long before = processorNanos();
            for (int i = 0; i < steps; i++) {
                long begin = System.nanoTime();
                step.run();
                milliseconds[i] = (System.nanoTime() - begin) / 1e6;
            }
            double processor = (processorNanos() - before) / 1e6 / steps;
            Arrays.sort(milliseconds);
            return new Timing(
                    step.describe(),
                    at(milliseconds, 0.2),
                    at(milliseconds, 0.5),
                    at(milliseconds, 0.8),
                    processor,
                    peakMebibytes(),
                    figures);
        }
    }

    private static long processorNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private Step open() {
        return switch (implementation) {
            case LIBTORCH ->
                new LibtorchStep(
                        work,
                        new LibtorchStep.Options(
                                threads, precision != Precision.F32, precision == Precision.WHOLE_BF16));
            case MEZZOTINT -> new MezzotintStep(work, BenchmarkDevice.open(precision, threads));
        };
    }

    private static double at(double[] sorted, double quantile) {
        return sorted[(int) Math.round(quantile * (sorted.length - 1))];
    }

    private static double peakMebibytes() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith("VmHWM:"))
                    .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                    .findFirst()
                    .orElse(Double.NaN);
        }
    }
}
