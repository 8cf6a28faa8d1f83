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
import mezzotint.sampling.SamplingRequest;
import mezzotint.sampling.TextModules;
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
            description =
                    "What to draw, in any language the model has seen; or a .safetensors file with the token states of"
                            + " a prompt.")
    private List<String> prompts = List.of();

    @Option(
            names = "--model",
            paramLabel = "FOLDER",
            description = "A run, a checkpoint or a model, or a published pipeline as diffusers saves it (default: the"
                    + " model that comes along).")
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

    @Option(names = "--sheet", description = "Write one sheet of all prompts × seeds instead.")
    private boolean sheet;

    @Option(
            names = "--trajectory",
            description =
                    "Write a strip for each picture as well: the noised picture and the predicted one at every step.")
    private boolean trajectory;

    @Mixin
    private SampleOptions options = new SampleOptions();

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    SampleCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        check();
        try (Device device = isLittle() ? deviceOptions.openForLittle() : deviceOptions.open();
                TextModules texts = new TextModules(device, new ConversionLines(console));
                Painter painter = Painter.open(
                        Optional.ofNullable(model), device, texts, options.published(), console.err()::println)) {
            SamplingRequest request = options.request(painter, prompts);
            List<Long> seeds = LongStream.range(seed, seed + count).boxed().toList();
            PromptTable table = PromptTable.ofPrompts(prompts, seeds);
            OutputFiles files = new OutputFiles(Optional.ofNullable(out), force);
            List<Output> outputs = outputs(table, files);
            if (options.memory().isPresent()) {
                SamplingRequest largest = new PictureDrawer(painter::draw, request).largestBatch(table);
                painter.plan(largest, options.memory().getAsLong()).lines().forEach(console.err()::println);
            }
            files.makeFolders();
            draw(painter, request, table, outputs);
        }
        return ExitCode.OK;
    }

    private boolean isLittle() {
        return model == null
                && (long) prompts.size() * count * options.stepsOfOwnModels() <= Drawing.STEPS_BEFORE_VECTORS_PAY;
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
        options.check(count);
        if (sheet && trajectory) {
            throw new UserMistake("--sheet and --trajectory want two commands");
        }
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

    private void draw(Painter painter, SamplingRequest request, PromptTable table, List<Output> outputs) {
        if (trajectory) {
            for (int i = 0; i < outputs.size(); i++) {
                String prompt = table.prompts().get(i);
                long own = table.seeds().get(i);
                Trajectory drawn = Trajectory.draw(
                        painter, request.withPrompts(List.of(PromptWords.prompt(prompt)), List.of(own)));
                Map<String, String> parameters = parameters(request, prompt, own);
                write(outputs.get(i).file, drawn.picture(), parameters);
                write(outputs.get(i).strip.orElseThrow(), drawn.strip(), parameters);
            }
            return;
        }
        List<RgbImage> pictures = new PictureDrawer(painter::draw, request).draw(table, console);
        if (sheet) {
            RgbImage drawn = table.sheet(pictures).draw().image();
            write(outputs.getFirst().file, drawn, parameters(request, String.join("; ", prompts), seed));
            return;
        }
        for (int i = 0; i < pictures.size(); i++) {
            write(
                    outputs.get(i).file,
                    pictures.get(i),
                    parameters(request, table.prompts().get(i), table.seeds().get(i)));
        }
    }

    private void write(Path file, RgbImage picture, Map<String, String> parameters) {
        Pictures.write(file, picture, parameters);
        console.out().println(file);
    }

    private Map<String, String> parameters(SamplingRequest request, String prompt, long seedOfPicture) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("Software", Main.VERSION);
        parameters.put("prompt", prompt);
        parameters.put("seed", Long.toString(seedOfPicture));
        options.describe(request, parameters);
        parameters.put("model", model == null ? "built-in" : model.toString());
        return parameters;
    }
}
