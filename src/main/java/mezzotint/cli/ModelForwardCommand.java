package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import mezzotint.autograd.Tape;
import mezzotint.kernel.Device;
import mezzotint.prx.DenoiserMemory;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxText;
import mezzotint.prx.StoredDenoiser;
import mezzotint.prx.StoredDenoiser.Residency;
import mezzotint.sampling.MemoryPlan;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mezzotint model forward}. */
@Command(
        name = "forward",
        description = {
            "Runs a denoiser on noise and a prompt of random numbers, and says what it cost.",
            "",
            "First the memory it will use, then seconds a forward pass, the memory it did use, and where the time"
                    + " went.%n"
        })
final class ModelForwardCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "FOLDER", description = "A denoiser, or a pipeline with one in transformer/.")
    private Path folder;

    @Option(names = "--size", paramLabel = "N", defaultValue = "512", description = "Side in pixels (default: 512).")
    private int size;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "1", description = "Pictures (default: 1).")
    private int batch;

    @Option(names = "--tokens", paramLabel = "N", defaultValue = "64", description = "Of the prompt (default: 64).")
    private int tokens;

    @Option(names = "--passes", paramLabel = "N", defaultValue = "1", description = "Forward passes (default: 1).")
    private int passes;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = MemorySize.Converter.class,
            description = "What the program may use, such as 8GiB; blocks are streamed from the file if need be.")
    private MemorySize memory;

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    ModelForwardCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Path inner = folder.resolve("transformer");
        Path transformer = Files.isDirectory(inner) ? inner : folder;
        if (size < 1 || batch < 1 || tokens < 1 || passes < 1) {
            throw new UserMistake("--size, --batch, --tokens and --passes want at least 1");
        }
        try (Device device = deviceOptions.open()) {
            MemoryPlan plan;
            try (StoredDenoiser stored = StoredDenoiser.open(device, transformer, Residency.RESIDENT)) {
                plan = plan(stored);
                plan.lines().forEach(console.out()::println);
                console.out().flush();
            }
            try (StoredDenoiser stored = StoredDenoiser.open(device, transformer, plan.residency())) {
                ResidentMemory.forgetPeak();
                run(device, stored);
            }
            compare(plan);
        }
        return ExitCode.OK;
    }

    private MemoryPlan plan(StoredDenoiser stored) {
        int side = size
                / stored.denoiser().config().patchSize()
                * stored.denoiser().config().patchSize();
        if (side != size) {
            throw new UserMistake(
                    "--size wants a multiple of the patch side %d, got %d",
                    stored.denoiser().config().patchSize(), size);
        }
        PrxConfig config = stored.denoiser().config();
        long scratch = inputs(config) + activations(config) + new DenoiserMemory(config).panelBytes();
        return MemoryPlan.of(
                memory == null ? OptionalLong.empty() : OptionalLong.of(memory.bytes()),
                ResidentMemory.baseline(),
                List.of(),
                new MemoryPlan.Denoising(stored.weightBytes(), stored.streamedBytes(), scratch),
                List.of());
    }

    private long inputs(PrxConfig config) {
        long picture = (long) batch * config.inChannels() * size * size;
        return 4 * (picture + (long) batch * tokens * config.contextDim() + batch) + 4096;
    }

    private long activations(PrxConfig config) {
        DenoiserMemory count = new DenoiserMemory(config);
        return count.textBytes(batch, tokens) + count.forwardBytes(batch, size, size);
    }

    private void run(Device device, StoredDenoiser stored) {
        PrxConfig config = stored.denoiser().config();
        PrxDenoiser denoiser = stored.denoiser();
        TimedKernels timed = new TimedKernels(device.kernels());
        try (TensorArena arena = device.arena(inputs(config) + activations(config));
                Tape outer = Tape.inference(timed, arena)) {
            Tensor image = normal(outer, 0, batch, config.inChannels(), size, size);
            Tensor embeddings = normal(outer, 1, batch, tokens, config.contextDim());
            float[] middle = new float[batch];
            Arrays.fill(middle, 0.5f);
            Tensor times = outer.constant(middle, batch);
            PrxText text = denoiser.text(outer, embeddings);
            for (int pass = 0; pass < passes; pass++) {
                double products = timed.productSeconds();
                double attention = timed.attentionSeconds();
                long start = System.nanoTime();
                try (Tape tape = Tape.inference(timed, arena)) {
                    Tensor out = denoiser.forward(tape, image, times, text);
                    device.synchronize();
                    report(
                            (System.nanoTime() - start) * 1e-9,
                            timed.productSeconds() - products,
                            timed.attentionSeconds() - attention,
                            rootMeanSquare(out));
                }
            }
        }
    }

    private void report(double seconds, double products, double attention, double magnitude) {
        console.out()
                .println(String.format(
                        Locale.ROOT,
                        "%.2f s: %.2f in products, %.2f in attention, %.2f elsewhere; output of size %.4g",
                        seconds,
                        products,
                        attention,
                        seconds - products - attention,
                        magnitude));
        console.out().flush();
    }

    private void compare(MemoryPlan plan) {
        ResidentMemory.peak()
                .ifPresent(used -> console.out()
                        .println(String.format(
                                Locale.ROOT,
                                "memory planned %,d bytes, used %,d bytes, %+.1f%%",
                                plan.peak(),
                                used,
                                100.0 * (used - plan.peak()) / plan.peak())));
    }

    /** Drawn where it lies: an array on the heap would be memory of its own. */
    private static Tensor normal(Tape tape, long stream, long... dims) {
        Tensor x = tape.allocate(dims);
        tape.kernels().flowMatch().normal(x, 0, stream, 0);
        return x;
    }

    private static double rootMeanSquare(Tensor pictures) {
        double sum = 0;
        Tensor rows = pictures.view(
                pictures.shape().elements() / pictures.shape().dim(-1),
                pictures.shape().dim(-1));
        for (long row = 0; row < rows.shape().dim(0); row++) {
            for (float value : rows.rows(row, row + 1).toFloats()) {
                sum += (double) value * value;
            }
        }
        return Math.sqrt(sum / pictures.shape().elements());
    }
}
