package mezzotint.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import mezzotint.data.EmojiFetch;
import mezzotint.data.EncoderFetch;
import mezzotint.evaluation.Bootstrap;
import mezzotint.evaluation.EncoderFeatures;
import mezzotint.evaluation.FeatureCache;
import mezzotint.evaluation.Features;
import mezzotint.evaluation.ImageSetEvaluator;
import mezzotint.evaluation.PixelColours;
import mezzotint.evaluation.Score;
import mezzotint.evaluation.Scoreboard;
import mezzotint.evaluation.ScoredPicture;
import mezzotint.kernel.Device;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code mezzotint evaluate}. */
@Command(
        name = "evaluate",
        description = {
            "Scores a folder of drawn pictures against a folder of real ones: how far apart they are in the eyes of a"
                    + " frozen network. Less is nearer.",
            "",
            "The scores are those that belong to the encoder: FID and KID for Inception, CMMD for CLIP, DINO-MMD for"
                    + " DINOv2; each with the interval it would move in with other pictures of the same kinds."
                    + " Features are kept, so that a set is looked at once.%n"
        })
final class EvaluateCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--reference", paramLabel = "FOLDER", required = true, description = "The real pictures.")
    private Path reference;

    @Option(names = "--generated", paramLabel = "FOLDER", required = true, description = "The drawn pictures.")
    private Path generated;

    @Option(
            names = "--encoder",
            paramLabel = "NAME|FOLDER",
            defaultValue = EncoderFetch.INCEPTION_MIXED5,
            description =
                    "inception-mixed5 (the default; after `data fetch --encoder inception-mixed5`), or a folder in"
                            + " the layout of Hugging Face: DINOv2, DINOv3, CLIP, or Inception-v3 for FID.")
    private String encoder;

    @Option(
            names = "--bootstrap",
            paramLabel = "N",
            defaultValue = "100",
            description =
                    "Samples that an interval is made from, each as long as a distance; 0 for none (default: 100).")
    private int samples;

    @Option(
            names = "--level",
            paramLabel = "P",
            defaultValue = "0.95",
            description = "Share of the samples within an interval (default: 0.95).")
    private double level;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Of the samples (default: 0).")
    private long seed;

    @Option(
            names = "--inverted-colours",
            description = "Show the network inverted colours, as PRX's published FID does by an oversight.")
    private boolean inverted;

    @Option(names = "--cache", paramLabel = "FOLDER", description = "Keep features there, not in the user's cache.")
    private Path cache;

    @Mixin
    private DeviceOptions deviceOptions = new DeviceOptions();

    EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Optional<Bootstrap> bootstrap = bootstrap();
        Path folder = EncoderFetch.find(encoder, EmojiFetch.userCache()).orElseThrow(this::noEncoder);
        List<ScoredPicture> real = ScoredPicture.allIn(reference);
        List<ScoredPicture> drawn = ScoredPicture.allIn(generated);
        if (real.size() < 2 || drawn.size() < 2) {
            throw new UserMistake(
                    "scores want at least 2 pictures in each folder, got %d and %d", real.size(), drawn.size());
        }
        try (Device device = deviceOptions.open();
                EncoderFeatures extractor = EncoderFeatures.open(device, folder)) {
            FeatureCache kept =
                    new FeatureCache(cache == null ? EmojiFetch.userCache().resolve("features") : cache);
            var evaluator = new ImageSetEvaluator(
                    extractor, inverted ? PixelColours.INVERTED : PixelColours.RIGHT, Optional.of(kept));
            Features x = look("reference", evaluator, real);
            Features y = look("generated", evaluator, drawn);
            show(Scoreboard.of(extractor.encoder()).compare(x, y, bootstrap));
        }
        return ExitCode.OK;
    }

    private Optional<Bootstrap> bootstrap() {
        if (samples < 0 || samples == 1) {
            throw new UserMistake("--bootstrap wants 0 or at least 2 samples, got %d", samples);
        }
        if (!(level > 0 && level < 1)) {
            throw new UserMistake("--level wants a number between 0 and 1, got %s", level);
        }
        return samples == 0 ? Optional.empty() : Optional.of(new Bootstrap(samples, seed, level));
    }

    private UserMistake noEncoder() {
        return EncoderFetch.names().contains(encoder)
                ? new UserMistake(
                        "encoder %s is not here; fetch it with `mezzotint data fetch --encoder %s`", encoder, encoder)
                : new UserMistake(
                        "--encoder %s is neither a folder nor one of %s",
                        encoder, String.join(", ", EncoderFetch.names()));
    }

    private Features look(String what, ImageSetEvaluator evaluator, List<ScoredPicture> set) {
        try (Bar bar = Bar.on(console, what, set.size())) {
            return evaluator.features(set, more -> {
                for (int i = 0; i < more; i++) {
                    bar.step();
                }
            });
        }
    }

    private void show(List<Score> scores) {
        int width =
                scores.stream().mapToInt(score -> score.name().length()).max().orElse(0);
        for (Score score : scores) {
            console.out()
                    .println(String.format(
                            Locale.ROOT,
                            "%-" + width + "s  %s%s  %d reference, %d generated",
                            score.name(),
                            number(score.value()),
                            score.interval()
                                    .map(i -> "  (%s to %s)".formatted(number(i.low()), number(i.high())))
                                    .orElse(""),
                            score.reference(),
                            score.generated()));
        }
        scores.stream().flatMap(score -> score.warnings().stream()).forEach(console.err()::println);
    }

    /** Five digits, whatever the size. */
    private static String number(double value) {
        return String.format(Locale.ROOT, Math.abs(value) >= 1e-3 && Math.abs(value) < 1e5 ? "%.5g" : "%.4e", value);
    }
}
