package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import mezzotint.io.ShardedWriter;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.RandomWeights;
import mezzotint.tensor.DType;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mezzotint model random}. */
@Command(
        name = "random",
        description = {
            "Writes a denoiser of random numbers, in the layout of diffusers, to measure time and memory with.",
            "",
            "It draws nothing but noise. No more than a part of one tensor is in memory at a time.%n"
        })
final class ModelRandomCommand implements Callable<Integer> {
    /** How weights are stored. */
    enum Type {
        f32(DType.F32),
        f16(DType.F16),
        bf16(DType.BF16);

        private final DType dtype;

        Type(DType dtype) {
            this.dtype = dtype;
        }
    }

    private final Console console;

    @Option(names = "--preset", paramLabel = "NAME", required = true, description = "Its shape, such as prx_small.")
    private String preset;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "bf16",
            description = "f32, f16 or bf16 (default: bf16).")
    private Type type;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of the numbers (default: 0).")
    private long seed;

    @Option(names = "--out", paramLabel = "FOLDER", required = true, description = "The folder to write.")
    private Path out;

    @Option(names = "--force", description = "Replace a folder that exists.")
    private boolean force;

    ModelRandomCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        PrxConfig config = PrxConfig.PRESETS.get(preset);
        if (config == null) {
            throw new UserMistake(
                    "preset \"%s\" is not known; there are %s",
                    preset, String.join(", ", new TreeSet<>(PrxConfig.PRESETS.keySet())));
        }
        if (Files.exists(out) && !force) {
            throw new UserMistake("%s exists; name another folder with --out or replace it with --force", out);
        }
        RandomWeights.write(out, config, type.dtype, seed, ShardedWriter.USUAL_BYTES);
        console.out()
                .println(String.format(
                        Locale.ROOT, "%s: %,d parameters of %s", out, config.parameterCount(), type.name()));
        return ExitCode.OK;
    }
}
