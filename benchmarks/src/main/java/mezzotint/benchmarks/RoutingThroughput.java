package mezzotint.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxExtensions;
import mezzotint.prx.PrxSeams;
import mezzotint.prx.PrxText;
import mezzotint.prx.TokenRouting;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.training.AdamW;
import mezzotint.training.FlowMatchingObjective;

/**
 * Training steps with TREAD (half the tokens pass blocks 2 to 12 of 16 by) and SPRINT (three quarters do) beside the plain one,
 * at 256 and 1024 tokens. The three take turns in one process; a ratio is the median over the rounds of one step's time over the
 * plain one's of the same round, so below 1 is faster.
 *
 * <pre>java @run.args mezzotint.benchmarks.RoutingThroughput THREADS ROUNDS [results.csv]</pre>
 */
public final class RoutingThroughput {
    private static final int DEPTH = 16;
    private static final int FIRST = 2;
    private static final int LAST = 12;
    private static final int PATCH = 8;
    private static final int WIDTH = 256;
    private static final int TEXT = 32;
    private static final int TOKENS_A_STEP = 1024;
    private static final int WARM_UP = 2;
    private static final long GIBIBYTE = 1L << 30;

    private RoutingThroughput() {}

    private enum Variant {
        PLAIN("plain", 0),
        TREAD("TREAD p=0.5", 0.5),
        SPRINT("SPRINT p=0.75", 0.75);

        private final String label;
        private final double probability;

        Variant(String label, double probability) {
            this.label = label;
            this.probability = probability;
        }

        Optional<TokenRouting> routing() {
            return probability == 0
                    ? Optional.empty()
                    : Optional.of(new TokenRouting(FIRST, LAST, probability, 42, false));
        }

        PrxConfig config() {
            PrxConfig plain = new PrxConfig(
                    3,
                    PATCH,
                    64,
                    WIDTH,
                    3.5,
                    4,
                    DEPTH,
                    new PrxConfig.RopeAxes(32, 32),
                    1e4,
                    1000,
                    1e4f,
                    OptionalInt.of(64),
                    false);
            var fused = new PrxExtensions.Sprint(FIRST, LAST, true);
            return this == SPRINT ? plain.withExtensions(new PrxExtensions(false, Optional.of(fused))) : plain;
        }
    }

    private static final class Training implements AutoCloseable {
        private final Device device;
        private final Variant variant;
        private final int tokens;
        private final TensorArena weights;
        private final TensorArena activations;
        private final TensorArena gradients;
        private final Parameters parameters;
        private final PrxDenoiser denoiser;
        private final AdamW optimizer;
        private int step;

        Training(Device device, Variant variant, int tokens) {
            this.device = device;
            this.variant = variant;
            this.tokens = tokens;
            weights = device.arena(GIBIBYTE);
            activations = device.arena(2 * GIBIBYTE);
            gradients = device.arena(2 * GIBIBYTE);
            parameters = new Parameters(weights, new PhiloxRandom(1));
            denoiser = new PrxDenoiser(variant.config(), parameters);
            optimizer = new AdamW(device.kernels(), weights, parameters.trainable(), AdamW.Constants.PRX);
        }

        /** Seconds of one step, its loss read back. */
        double step() {
            long began = System.nanoTime();
            int batch = TOKENS_A_STEP / tokens;
            long side = Math.round(Math.sqrt(tokens)) * PATCH;
            parameters.zeroGradients();
            try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                Tensor clean = tape.allocate(batch, 3, side, side);
                Tensor noise = tape.allocate(batch, 3, side, side);
                device.kernels().flowMatch().normal(clean, 1, step, 0);
                device.kernels().flowMatch().normal(noise, 2, step, 0);
                PrxText text = denoiser.text(
                        tape, tape.constant(Numbers.uniform("text", batch * TEXT * 64, 0, 1), batch, TEXT, 64));
                float[] times = new float[batch];
                Arrays.fill(times, 0.5f);
                PrxSeams seams = variant.routing()
                        .map(r -> PrxSeams.of(r.route(r.stepSeed(step, 0), batch, tokens)))
                        .orElse(PrxSeams.NONE);
                Tensor total = new FlowMatchingObjective(Prediction.CLEAN_IMAGE)
                        .loss(tape, clean, noise, times, (t, x, at) -> denoiser.forward(t, x, at, text, seams))
                        .total();
                tape.backward(total);
                if (!Float.isFinite(total.item())) {
                    throw new IllegalStateException(variant + ": the loss is " + total.item());
                }
            }
            optimizer.update(1e-4, 1);
            step++;
            return (System.nanoTime() - began) / 1e9;
        }

        @Override
        public void close() {
            gradients.close();
            activations.close();
            weights.close();
        }
    }

    /** See the class. */
    public static void main(String[] args) throws IOException {
        int threads = Integer.parseInt(args[0]);
        int rounds = Integer.parseInt(args[1]);
        List<ResultRow> rows = new ArrayList<>();
        try (Device device = BenchmarkDevice.open(WholeStep.Precision.F32, threads)) {
            for (int tokens : new int[] {256, 1024}) {
                rows.addAll(measure(device, tokens, threads, rounds));
            }
        }
        if (args.length > 2) {
            ResultRow.append(Path.of(args[2]), rows);
        }
    }

    private static List<ResultRow> measure(Device device, int tokens, int threads, int rounds) {
        Variant[] variants = Variant.values();
        double[][] seconds = new double[variants.length][rounds];
        try (Training plain = new Training(device, Variant.PLAIN, tokens);
                Training tread = new Training(device, Variant.TREAD, tokens);
                Training sprint = new Training(device, Variant.SPRINT, tokens)) {
            Training[] runs = {plain, tread, sprint};
            for (int round = -WARM_UP; round < rounds; round++) {
                for (int i = 0; i < runs.length; i++) {
                    double taken = runs[i].step();
                    if (round >= 0) {
                        seconds[i][round] = taken;
                    }
                }
            }
        }
        List<ResultRow> rows = new ArrayList<>();
        for (int i = 0; i < variants.length; i++) {
            rows.add(row(variants[i], tokens, threads, seconds[i], seconds[0]));
        }
        return rows;
    }

    private static ResultRow row(Variant variant, int tokens, int threads, double[] own, double[] plain) {
        double[] ratios = new double[own.length];
        for (int i = 0; i < own.length; i++) {
            ratios[i] = own[i] / plain[i];
        }
        double ratio = percentile(ratios, 0.5);
        double median = percentile(own, 0.5);
        System.out.printf(
                Locale.ROOT,
                "%5d tokens  %-14s p50 %8.1f ms  %6.2f pictures/s  %.3f of the plain step's time%n",
                tokens,
                variant.label,
                median * 1e3,
                TOKENS_A_STEP / tokens / median,
                ratio);
        return new ResultRow(
                "train step " + variant.label + "; peer = plain step of the same run",
                "b%d %d tokens d%d x%d".formatted(TOKENS_A_STEP / tokens, tokens, WIDTH, DEPTH),
                "f32",
                threads,
                percentile(own, 0.2) * 1e3,
                median * 1e3,
                percentile(own, 0.8) * 1e3,
                percentile(plain, 0.5) * 1e3,
                ratio);
    }

    private static double percentile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[(int) Math.min(sorted.length - 1, Math.round(share * (sorted.length - 1)))];
    }
}
