package mezzotint.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.LongStream;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;
import mezzotint.sampling.ModelDescription;
import mezzotint.sampling.ModelFolder;
import mezzotint.sampling.TextModules;
import mezzotint.sampling.TextToImage;
import mezzotint.tensor.TensorArena;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mezzotint sample}. */
@Command(
        name = "sample",
        description = {
            "Draws pictures for prompts and writes them as PNG files, which carry the parameters that made them.",
            "",
            "The same model, prompt, seed and settings give the same picture.%n"
        })
final class SampleCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            arity = "1..*",
            paramLabel = "PROMPT",
            description = "What to draw, in any language the model has seen.")
    private List<String> prompts = List.of();

    @Option(
            names = "--model",
            paramLabel = "FOLDER",
            description = "A run, a checkpoint or a model (default: the one that comes along).")
    private Path model;

    @Option(
            names = "--out",
            paramLabel = "FILE|FOLDER",
            description = "A .png file, or a folder (default: files here, named after the prompts).")
    private Path out;

    @Option(names = "--force", description = "Replace files that exist.")
    private boolean force;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of the noise (default: 0).")
    private long seed;

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "1",
            description = "Pictures of each prompt, from seeds N, N+1, … (default: 1).")
    private int count;

    @Option(names = "--steps", paramLabel = "N", description = "Euler steps (default: " + Drawing.STEPS + ").")
    private int steps = Drawing.STEPS;

    @Option(
            names = "--guidance",
            paramLabel = "X",
            description = "How strongly the prompt is followed, 1 for no guidance (default: " + Drawing.GUIDANCE + ").")
    private float guidance = Drawing.GUIDANCE;

    @Option(names = "--size", paramLabel = "WxH", description = "In pixels (default: as the model was trained).")
    private String size;

    @Option(names = "--negative", paramLabel = "PROMPT", defaultValue = "", description = "What to steer away from.")
    private String negative = "";

    @Option(names = "--sheet", description = "Write one sheet of all prompts × seeds instead.")
    private boolean sheet;

    @Option(
            names = "--trajectory",
            description =
                    "Write a strip for each picture as well: the noised picture and the predicted one at every step.")
    private boolean trajectory;

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    SampleCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        check();
        try (Device device = isLittle() ? deviceOptions.openForLittle() : deviceOptions.open();
                TextModules texts = new TextModules(device, new ConversionLines(console))) {
            ModelFolder folder = ModelSource.read(Optional.ofNullable(model), texts, console.err()::println);
            PictureDrawer.Settings settings = settings(folder.description());
            List<Long> seeds = LongStream.range(seed, seed + count).boxed().toList();
            PromptTable table = PromptTable.ofPrompts(prompts, seeds);
            try (TensorArena weights = device.arena(folder.weightBytes())) {
                OutputFiles files = new OutputFiles(Optional.ofNullable(out), force);
                List<Output> outputs = outputs(table, files);
                TextToImage loaded = folder.load(device, weights);
                files.makeFolders();
                draw(new PictureDrawer(loaded, device, settings), table, outputs);
            }
        }
        return ExitCode.OK;
    }

    private boolean isLittle() {
        return model == null && (long) prompts.size() * count * steps <= Drawing.STEPS_BEFORE_VECTORS_PAY;
    }

    private void check() {
        for (String prompt : prompts) {
            if (prompt.indexOf('\uFFFD') >= 0) {
                throw new UserMistake(
                        "the prompt \"%s\" did not arrive whole: this terminal's locale cannot pass on its "
                                + "letters; set LC_ALL=C.UTF-8",
                        prompt);
            }
        }
        if (count < 1 || steps < 1 || !Float.isFinite(guidance)) {
            throw new UserMistake(
                    "--count and --steps want at least 1 and --guidance a number, got %d, %d and %s",
                    count, steps, guidance);
        }
        if (sheet && trajectory) {
            throw new UserMistake("--sheet and --trajectory want two commands");
        }
    }

    private PictureDrawer.Settings settings(ModelDescription description) {
        int width = description.imageSize();
        int height = width;
        if (size != null) {
            if (!size.matches("[1-9]\\d{0,4}x[1-9]\\d{0,4}")) {
                throw new UserMistake("--size wants WIDTHxHEIGHT such as 64x48, got %s", size);
            }
            width = Integer.parseInt(size.substring(0, size.indexOf('x')));
            height = Integer.parseInt(size.substring(size.indexOf('x') + 1));
        }
        int patch = description.config().patchSize();
        if (width % patch != 0 || height % patch != 0) {
            throw new UserMistake(
                    "--size wants multiples of this model's patch size %d, got %dx%d", patch, width, height);
        }
        return new PictureDrawer.Settings(height, width, steps, description.shift(), guidance, negative);
    }

    /** A picture's files, chosen before it is drawn. */
    private record Output(Path file, Optional<Path> strip) {}

    private List<Output> outputs(PromptTable table, OutputFiles files) {
        if (sheet) {
            return List.of(new Output(files.choose(Words.fileName(prompts.getFirst()) + "-sheet"), Optional.empty()));
        }
        List<Output> outputs = new ArrayList<>();
        for (int i = 0; i < table.prompts().size(); i++) {
            String name = Words.fileName(table.prompts().get(i))
                    + (count > 1 ? "-seed-" + table.seeds().get(i) : "");
            Path file = files.choose(name);
            outputs.add(new Output(file, trajectory ? Optional.of(Trajectory.beside(file, force)) : Optional.empty()));
        }
        return outputs;
    }

    private void draw(PictureDrawer drawer, PromptTable table, List<Output> outputs) {
        if (trajectory) {
            for (int i = 0; i < outputs.size(); i++) {
                Trajectory drawn = Trajectory.draw(
                        drawer, table.prompts().get(i), table.seeds().get(i));
                Map<String, String> parameters =
                        parameters(drawer, table.prompts().get(i), table.seeds().get(i));
                write(outputs.get(i).file, drawn.picture(), parameters);
                write(outputs.get(i).strip.orElseThrow(), drawn.strip(), parameters);
            }
            return;
        }
        List<RgbImage> pictures = drawer.draw(table);
        if (sheet) {
            RgbImage drawn = table.sheet(pictures).draw().image();
            write(outputs.getFirst().file, drawn, parameters(drawer, String.join("; ", prompts), seed));
            return;
        }
        for (int i = 0; i < pictures.size(); i++) {
            write(
                    outputs.get(i).file,
                    pictures.get(i),
                    parameters(drawer, table.prompts().get(i), table.seeds().get(i)));
        }
    }

    private void write(Path file, RgbImage picture, Map<String, String> parameters) {
        Pictures.write(file, picture, parameters);
        console.out().println(file);
    }

    private Map<String, String> parameters(PictureDrawer drawer, String prompt, long seedOfPicture) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("Software", Main.VERSION);
        parameters.put("prompt", prompt);
        parameters.put("negative", negative);
        parameters.put("seed", Long.toString(seedOfPicture));
        parameters.put("steps", Integer.toString(steps));
        parameters.put("guidance", Float.toString(guidance));
        parameters.put(
                "size", drawer.settings().width() + "x" + drawer.settings().height());
        parameters.put("model", model == null ? "built-in" : model.toString());
        return parameters;
    }
}
