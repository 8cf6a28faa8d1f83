package mezzotint.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import mezzotint.image.RgbImage;
import mezzotint.prx.TokenRouting;
import mezzotint.sampling.Canvas;
import mezzotint.sampling.Guidance;
import mezzotint.sampling.InitialNoise;
import mezzotint.sampling.Precision;
import mezzotint.sampling.PublishedPipeline;
import mezzotint.sampling.SamplingRequest;
import mezzotint.sampling.SamplingSettings;
import mezzotint.sampling.Solver;
import mezzotint.sampling.Start;
import mezzotint.sampling.TimeGrid;
import mezzotint.training.TechniqueSettings;
import picocli.CommandLine.Option;

/** The options that say how pictures are drawn; those that are not given are the model's own. */
final class SampleOptions {
    private static final float STRENGTH = 0.75f;

    /** Time grids by name. */
    enum Grid {
        NATIVE,
        DIFFUSERS
    }

    /** Sources of noise by name. */
    enum Noise {
        TORCH,
        PHILOX
    }

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps from noise to the picture (default: " + Drawing.STEPS + ", of a published model 28).")
    private Integer steps;

    @Option(
            names = "--guidance",
            paramLabel = "X",
            description = "How strongly the prompt is followed, 1 for no guidance (default: " + Drawing.GUIDANCE
                    + ", of a published model 5.0).")
    private Float guidance;

    @Option(
            names = "--guidance-interval",
            paramLabel = "FROM:TO",
            description = "Times with guidance, 1 = noise, 0 = picture (default: 0:1).")
    private String interval;

    @Option(
            names = "--self-guidance",
            paramLabel = "FIRST:LAST:SHARE",
            description =
                    "Guide by the network itself with SHARE of its tokens passing blocks FIRST to LAST by, as it was"
                            + " trained with technique.tread; instead of by the negative prompt.")
    private String selfGuidance;

    @Option(names = "--negative", paramLabel = "PROMPT", defaultValue = "", description = "What to steer away from.")
    private String negative = "";

    @Option(names = "--size", paramLabel = "WxH", description = "In pixels (default: as the model was trained).")
    private String size;

    @Option(
            names = "--bins",
            negatable = true,
            description = "Draw at the nearest of the sizes a published model was trained at, then resize and crop to"
                    + " --size (default: yes, where it has them).")
    private Boolean bins;

    @Option(
            names = "--solver",
            paramLabel = "NAME",
            description = "euler (the default), or heun: two questions a step.")
    private Solver solver;

    @Option(
            names = "--grid",
            paramLabel = "NAME",
            description = "Times of the steps: native, as in PRX's training code, or diffusers (default: by model).")
    private Grid grid;

    @Option(
            names = "--noise",
            paramLabel = "NAME",
            description = "Whose random numbers: torch, as PyTorch on a CPU, or philox (default: by model).")
    private Noise noise;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            description = "What the numbers of a published model are rounded to: float32 (the default) or bfloat16.")
    private Precision precision;

    @Option(names = "--init", paramLabel = "PICTURE", description = "Start with this picture under noise.")
    private Path init;

    @Option(
            names = "--strength",
            paramLabel = "X",
            description = "How much of --init is drawn anew, 0 to 1 (default: " + STRENGTH + ", with a mask 1).")
    private Float strength;

    @Option(
            names = "--mask",
            paramLabel = "PICTURE",
            description = "White where --init is drawn anew, black where it is kept.")
    private Path mask;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            converter = MemorySize.Converter.class,
            description =
                    "What the program may use, such as 8GiB: it says what it will, lets go what it has done with, and"
                            + " streams a published model's weights if need be.")
    private MemorySize memory;

    @Option(
            names = "--prompt-cache",
            paramLabel = "FOLDER",
            description = "Keep what a published model's text encoder makes of prompts there, for the next time.")
    private Path promptCache;

    /** How a published folder is run. */
    PublishedPipeline.Options published() {
        PublishedPipeline.Options options = PublishedPipeline.Options.DEFAULT;
        if (precision != null) {
            options = options.withPrecision(precision);
        }
        return promptCache == null ? options : options.withPromptCache(promptCache);
    }

    /** Bytes that the program may use; empty where nothing was said. */
    OptionalLong memory() {
        return memory == null ? OptionalLong.empty() : OptionalLong.of(memory.bytes());
    }

    /** Most steps that are asked for; that of this library's own models where none are. */
    int stepsOfOwnModels() {
        return steps == null ? Drawing.STEPS : steps;
    }

    /**
     * Checks what can be checked without a model.
     *
     * @throws UserMistake when something is wrong
     */
    void check(int count) {
        if (count < 1 || steps != null && steps < 1 || guidance != null && !(guidance >= 1 && guidance < 1e6f)) {
            throw new UserMistake(
                    "--count and --steps want at least 1 and --guidance a number of at least 1, got %d, %s and %s",
                    count, steps == null ? "none" : steps, guidance == null ? "none" : guidance);
        }
        if (init == null && (strength != null || mask != null)) {
            throw new UserMistake("--strength and --mask belong to a picture to start with; add --init PICTURE");
        }
        if (strength != null && !(strength >= 0 && strength <= 1)) {
            throw new UserMistake("--strength wants 0 to 1, got %s", strength);
        }
    }

    /**
     * The request for some prompts, with a seed each of 0.
     *
     * @throws UserMistake when something is wrong
     */
    SamplingRequest request(Painter painter, List<String> prompts) {
        SamplingRequest request = painter.request(prompts);
        SamplingSettings settings = settings(request.settings(), painter);
        if (init != null) {
            settings = settings.withStart(start());
        }
        request = request.withNegative(PromptWords.prompt(negative))
                .withCanvas(canvas(request.canvas(), settings.start(), painter.sizeUnit()))
                .withSettings(settings);
        painter.check(request);
        return request;
    }

    private SamplingSettings settings(SamplingSettings own, Painter painter) {
        SamplingSettings settings = own;
        int count = steps == null ? own.grid().steps() : steps;
        Grid which = grid != null ? grid : painter instanceof OwnPainter ? Grid.NATIVE : Grid.DIFFUSERS;
        settings = settings.withGrid(
                which == Grid.NATIVE
                        ? TimeGrid.nativeGrid(count, painter.shift())
                        : TimeGrid.diffusersGrid(count, painter.shift()));
        float scale = guidance != null
                ? guidance
                : own.guidance() instanceof Guidance.ClassifierFree(float given, Guidance.Interval all) ? given : 1;
        settings = settings.withGuidance(
                selfGuidance == null ? Guidance.of(scale, interval()) : new Guidance.SelfRouted(scale, routing(), 0));
        if (solver != null) {
            settings = settings.withSolver(solver);
        }
        if (noise != null) {
            settings = settings.withNoise(
                    noise == Noise.TORCH ? new InitialNoise.TorchPerPicture() : new InitialNoise.Philox());
        }
        return settings;
    }

    private TokenRouting routing() {
        try {
            String[] parts = selfGuidance.split(":", -1);
            if (parts.length == 3) {
                return new TokenRouting(
                        Integer.parseInt(parts[0]),
                        Integer.parseInt(parts[1]),
                        Double.parseDouble(parts[2]),
                        TechniqueSettings.NONE.tread().seed(),
                        false);
            }
        } catch (IllegalArgumentException e) {
            // told below, as for any other text
        }
        throw new UserMistake(
                "--self-guidance wants two blocks and a share of tokens such as 1:2:0.5, got %s", selfGuidance);
    }

    private Guidance.Interval interval() {
        if (interval == null) {
            return Guidance.Interval.ALL;
        }
        try {
            String[] ends = interval.split(":", -1);
            if (ends.length == 2) {
                return new Guidance.Interval(Float.parseFloat(ends[0]), Float.parseFloat(ends[1]));
            }
        } catch (IllegalArgumentException e) {
            // told below, as for any other text
        }
        throw new UserMistake("--guidance-interval wants FROM:TO within 0 to 1 such as 0.2:0.9, got %s", interval);
    }

    private Start start() {
        float share = strength != null ? strength : mask == null ? STRENGTH : 1;
        return new Start.Picture(
                RgbImage.read(init), share, Optional.ofNullable(mask).map(RgbImage::read));
    }

    private Canvas canvas(Canvas own, Start start, int unit) {
        boolean binned = bins != null ? bins : own.bins() && init == null;
        if (size != null) {
            if (!size.matches("[1-9]\\d{0,4}x[1-9]\\d{0,4}")) {
                throw new UserMistake("--size wants WIDTHxHEIGHT such as 64x48, got %s", size);
            }
            int cross = size.indexOf('x');
            return new Canvas(
                    Integer.parseInt(size.substring(cross + 1)), Integer.parseInt(size.substring(0, cross)), binned);
        }
        return start instanceof Start.Picture(RgbImage picture, float any, var none)
                ? new Canvas(whole(picture.height(), unit), whole(picture.width(), unit), binned)
                : new Canvas(own.height(), own.width(), binned);
    }

    /** The largest multiple of {@code unit} that is not larger, or one. */
    private static int whole(int side, int unit) {
        return Math.max(unit, side / unit * unit);
    }

    /** The parameters of a picture, as written into its file. */
    void describe(SamplingRequest request, Map<String, String> parameters) {
        SamplingSettings settings = request.settings();
        parameters.put("negative", negative);
        parameters.put("steps", Integer.toString(settings.grid().steps()));
        parameters.put(
                "guidance",
                settings.guidance() instanceof Guidance.ClassifierFree(float scale, Guidance.Interval all)
                        ? Float.toString(scale)
                        : "1.0");
        if (settings.guidance() instanceof Guidance.SelfRouted(float scale, TokenRouting any, long seed)) {
            parameters.put("guidance", Float.toString(scale));
            parameters.put("self-guidance", selfGuidance);
        }
        if (interval != null) {
            parameters.put("guidance-interval", interval);
        }
        parameters.put("size", request.canvas().width() + "x" + request.canvas().height());
        parameters.put("solver", settings.solver().label());
        if (grid != null) {
            parameters.put("grid", grid.name().toLowerCase(Locale.ROOT));
        }
        parameters.put("noise", settings.noise() instanceof InitialNoise.Philox ? "philox" : "torch");
        if (settings.start() instanceof Start.Picture picture) {
            parameters.put("init", init.toString());
            parameters.put("strength", Float.toString(picture.strength()));
            if (mask != null) {
                parameters.put("mask", mask.toString());
            }
        }
        if (precision != null) {
            parameters.put("precision", precision.label());
        }
    }
}
