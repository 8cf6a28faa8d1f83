package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import mezzotint.sampling.ModelFolder;
import mezzotint.tensor.DType;
import mezzotint.training.CheckpointExport;
import mezzotint.training.CheckpointExport.Part;
import mezzotint.training.TrainingRuns;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mezzotint export}. */
@Command(
        name = "export",
        description = {
            "Copies a trained model out of its run, in the layout of diffusers: the weights to draw with and nothing"
                    + " of the training's state, unless --part asks for another part of a checkpoint.%n"
        })
final class ExportCommand implements Callable<Integer> {
    /** How weights are stored. */
    enum Type {
        F32(DType.F32),
        BF16(DType.BF16);

        private final DType dtype;

        Type(DType dtype) {
            this.dtype = dtype;
        }
    }

    private final Console console;

    @Parameters(
            paramLabel = "MODEL",
            description = "A model, a checkpoint, or a run, whose newest checkpoint is taken.")
    private Path source;

    @Option(names = "--out", paramLabel = "FOLDER", required = true, description = "The folder to write.")
    private Path out;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            defaultValue = "F32",
            description = "F32, or BF16 for half the size (default: F32).")
    private Type type;

    @Option(
            names = "--part",
            paramLabel = "PART",
            defaultValue = "model",
            description =
                    "model, to draw with (the default); weights, the model as trained; average, the model with the"
                            + " moving average of its weights; optimizer, its moments alone.")
    private String part;

    @Option(names = "--force", description = "Replace a folder that exists.")
    private boolean force;

    ExportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (Files.exists(out) && !force) {
            throw new UserMistake("%s exists; name another folder with --out or replace it with --force", out);
        }
        Part wanted = part();
        if (wanted == Part.MODEL) {
            ModelFolder.convert(ModelSource.model(source, console.err()::println), out, type.dtype);
        } else {
            CheckpointExport.write(
                    TrainingRuns.newestCheckpoint(source, console.err()::println), wanted, out, type.dtype);
        }
        console.out().println("%s, %s".formatted(out, type.name().toLowerCase(Locale.ROOT)));
        return ExitCode.OK;
    }

    private Part part() {
        List<String> names = Arrays.stream(Part.values())
                .map(p -> p.name().toLowerCase(Locale.ROOT))
                .toList();
        if (!names.contains(part)) {
            throw new UserMistake("--part %s is not known; there are %s", part, String.join(", ", names));
        }
        return Part.valueOf(part.toUpperCase(Locale.ROOT));
    }
}
