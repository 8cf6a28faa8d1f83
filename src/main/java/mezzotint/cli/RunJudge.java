package mezzotint.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import mezzotint.ablation.Judging;
import mezzotint.ablation.LogbookReport;
import mezzotint.ablation.Measure;
import mezzotint.data.CaptionedImage;
import mezzotint.data.EmojiFetch;
import mezzotint.data.EncoderFetch;
import mezzotint.data.PictureSource;
import mezzotint.evaluation.Bootstrap;
import mezzotint.evaluation.EncoderFeatures;
import mezzotint.evaluation.Features;
import mezzotint.evaluation.PromptAccuracy;
import mezzotint.evaluation.Scoreboard;
import mezzotint.image.Resampling;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;

/** Draws with a model that has been trained and measures how near it comes to what it was trained on. */
record RunJudge(TrainingRun training, Judging judging, Device device) {
    /** Mean distance of a drawn picture from the prompted one: root mean square over pixels and colours, in [0, 1]. */
    static final String DISTANCE = "distance";

    /** Share of prompts whose picture is, of all that were prompted for, nearest to the drawn one. */
    static final String ACCURACY = "accuracy";

    /** {@link Judging#encoder} for no features. */
    static final String NO_ENCODER = "none";

    private static final int BOOTSTRAPS = 200;
    private static final double LEVEL = 0.95;
    private static final double NORMAL_975 = 1.96;

    /** A prompt and the picture it stands for. */
    private record Asked(String prompt, RgbImage reference) {}

    /** Draws the sheet of samples, then what the metrics want. */
    SequencedMap<String, Measure> measures() {
        int side = training.config().data().imageSize();
        List<Asked> asked = asked(side);
        List<Long> seeds = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            seeds.add(judging.seed() + i);
        }
        List<RgbImage> drawn = training.withDrawer(judging.steps(), judging.guidance(), drawer -> {
            PromptTable table = training.previews();
            Pictures.write(
                    training.folder().resolve(LogbookReport.SAMPLES),
                    table.sheet(drawer.draw(table)).draw().image(),
                    Map.of("step", Long.toString(training.steps())));
            return drawer.draw(asked.stream().map(Asked::prompt).toList(), seeds, _ -> {});
        });
        SequencedMap<String, Measure> measures = new LinkedHashMap<>();
        List<RgbImage> references = asked.stream().map(Asked::reference).toList();
        measures.put(DISTANCE, distance(drawn, references));
        measures.put(ACCURACY, accuracy(drawn, references));
        if (!judging.encoder().equals(NO_ENCODER)) {
            measures.putAll(scores(drawn, references));
        }
        return measures;
    }

    /** Pictures evenly out of the data; captions in one language after the other. */
    private List<Asked> asked(int side) {
        List<CaptionedImage> images = PromptTable.evenly(training.images(), judging.pictures());
        List<Asked> asked = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            CaptionedImage image = images.get(i);
            List<String> languages = training.config().data().languages().stream()
                    .filter(image.captions()::containsKey)
                    .toList();
            List<String> spoken =
                    languages.isEmpty() ? List.copyOf(image.captions().keySet()) : languages;
            String caption = image.captions().get(spoken.get(i % spoken.size())).getFirst();
            asked.add(new Asked(caption, fitted(image.picture(), side)));
        }
        return asked;
    }

    private static RgbImage fitted(PictureSource source, int side) {
        return source.load().centreSquare().resized(side, side, Resampling.BOX);
    }

    private static Measure distance(List<RgbImage> drawn, List<RgbImage> references) {
        double[] distances = new double[drawn.size()];
        for (int i = 0; i < distances.length; i++) {
            float[] a = drawn.get(i).toSignedFloats();
            float[] b = references.get(i).toSignedFloats();
            double sum = 0;
            for (int k = 0; k < a.length; k++) {
                double half = (a[k] - b[k]) / 2.0;
                sum += half * half;
            }
            distances[i] = Math.sqrt(sum / a.length);
        }
        return mean(distances, true);
    }

    private static Measure accuracy(List<RgbImage> drawn, List<RgbImage> references) {
        double[] right = new double[drawn.size()];
        for (int i = 0; i < right.length; i++) {
            RgbImage nearest = references.get(PromptAccuracy.nearest(drawn.get(i), references));
            right[i] = nearest.equals(references.get(i)) ? 1 : 0;
        }
        return mean(right, false);
    }

    /** The mean with the interval of a normal. */
    private static Measure mean(double[] values, boolean lowerIsBetter) {
        double mean = 0;
        for (double value : values) {
            mean += value / values.length;
        }
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        double half = NORMAL_975 * Math.sqrt(squares / Math.max(1, values.length - 1) / values.length);
        return new Measure(mean, mean - half, mean + half, lowerIsBetter);
    }

    private Map<String, Measure> scores(List<RgbImage> drawn, List<RgbImage> references) {
        Path folder = EncoderFetch.find(judging.encoder(), EmojiFetch.userCache())
                .orElseThrow(() -> new UserMistake(
                        "encoder %s is not here; fetch it with `mezzotint data fetch --encoder %s`, or judge with"
                                + " encoder: none",
                        judging.encoder(), judging.encoder()));
        Map<String, Measure> measures = new LinkedHashMap<>();
        try (EncoderFeatures extractor = EncoderFeatures.open(device, folder)) {
            Features real = extractor.features(references);
            Features made = extractor.features(drawn);
            var bootstrap = Optional.of(new Bootstrap(BOOTSTRAPS, judging.seed(), LEVEL));
            Scoreboard.of(extractor.encoder())
                    .compare(real, made, bootstrap)
                    .forEach(score -> measures.put(
                            score.name(),
                            score.interval()
                                    .map(i -> new Measure(score.value(), i.low(), i.high(), true))
                                    .orElse(Measure.of(score.value(), true))));
        }
        return measures;
    }
}
