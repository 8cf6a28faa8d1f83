package mezzotint.ablation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import mezzotint.ablation.RunRecord.Failed;
import mezzotint.ablation.RunRecord.Finished;
import mezzotint.io.AtomicFiles;
import mezzotint.io.FileReadException;

/**
 * A logbook's page and table, from its records.
 *
 * <pre>
 * report.html   self-contained: verdicts, bars, curves, pictures from the same noise
 * report.md     the table of verdicts
 * </pre>
 */
public final class LogbookReport {
    /** A run's sample sheet, within its folder; drawn from the same prompts and noise in every run. */
    public static final String SAMPLES = "samples.png";

    private final Logbook logbook;
    private final Path folder;
    private final LogbookResults results;

    /**
     * @param folder of the logbook's runs
     * @param records that were read from it
     */
    public LogbookReport(Logbook logbook, Path folder, List<RunRecord> records) {
        this.logbook = logbook;
        this.folder = folder;
        this.results = new LogbookResults(logbook, records);
    }

    /**
     * Writes both files, each whole or not at all.
     *
     * @param target a folder that exists
     * @throws mezzotint.io.FileWriteException where the file system refuses
     */
    public void write(Path target) {
        AtomicFiles.writeString(target.resolve("report.html"), html());
        AtomicFiles.writeString(target.resolve("report.md"), markdown());
    }

    /** The table of verdicts as Markdown. */
    String markdown() {
        StringBuilder out = new StringBuilder();
        out.append("# ")
                .append(logbook.name())
                .append("\n\n")
                .append(logbook.question())
                .append("\n\n");
        String headline = logbook.judging().headline();
        out.append("| variant | %s | against | expected | found | published |%n|---|---|---|---|---|---|%n"
                .formatted(headline));
        for (Variant variant : logbook.variants()) {
            out.append("| %s | %s | %s | %s | %s | %s |%n"
                    .formatted(
                            variant.title(),
                            figures(headline, variant),
                            variant.against().map(this::title).orElse("–"),
                            variant.expectation().map(e -> e.direction().word()).orElse("–"),
                            found(variant),
                            published(variant)));
        }
        out.append('\n').append(summary()).append('\n');
        return out.toString();
    }

    private String summary() {
        long done = logbook.runs().stream()
                .filter(key -> results.of(key.variant()).containsKey(key.seed()))
                .count();
        double hours = results.ends().stream()
                        .mapToDouble(
                                end -> end instanceof Finished f ? f.result().seconds() : 0)
                        .sum()
                / 3600;
        return String.format(
                Locale.ROOT,
                "%d of %d runs finished, %d failed; %.1f hours of training. Whiskers and intervals are 95 %% of"
                        + " Student's t over seeds; a variant is compared seed by seed.",
                done,
                logbook.runs().size(),
                results.failures().size(),
                hours);
    }

    private String title(String variant) {
        return logbook.variant(variant).orElseThrow().title();
    }

    private String figures(String metric, Variant variant) {
        List<Double> all = results.of(variant.name()).values().stream()
                .map(run -> run.metrics().get(metric))
                .filter(measure -> measure != null && Double.isFinite(measure.value()))
                .map(Measure::value)
                .toList();
        if (all.isEmpty()) {
            return "–";
        }
        Effect spread = new Effect(metric, all, 0, true);
        return Effect.figure(spread.mean()) + (all.size() > 1 ? " ± " + Effect.figure(spread.halfWidth()) : "");
    }

    private String found(Variant variant) {
        return variant.isBaseline()
                ? "–"
                : results.effect(logbook.judging().headline(), variant).sentence();
    }

    private static String published(Variant variant) {
        return variant.published()
                .map(p -> p.direction().word() + ": " + p.figures() + " (" + p.source() + ")")
                .orElse("–");
    }

    /** Whether what was found is what others found, in a word; empty where one of them says nothing. */
    private Optional<String> agreement(Variant variant) {
        if (variant.isBaseline() || variant.published().isEmpty()) {
            return Optional.empty();
        }
        Direction ours = results.effect(logbook.judging().headline(), variant).direction();
        Direction theirs = variant.published().get().direction();
        if (ours == Direction.UNKNOWN || theirs == Direction.UNKNOWN) {
            return Optional.empty();
        }
        return Optional.of(ours == theirs ? "agrees" : "differs");
    }

    String html() {
        StringBuilder out = new StringBuilder(ReportPage.head(logbook.name()));
        out.append("<h1>").append(Svg.escape(logbook.name())).append("</h1>\n<p class=\"question\">");
        out.append(Svg.escape(logbook.question())).append("</p>\n<p class=\"summary\">");
        out.append(Svg.escape(summary())).append("</p>\n");
        out.append("<h2>Verdicts</h2>\n").append(verdicts());
        for (String metric : results.metrics()) {
            out.append("<h2>").append(Svg.escape(metric)).append("</h2>\n<figure>");
            out.append(new BarChart(metric, results.bars(metric)).svg()).append("</figure>\n");
        }
        out.append("<h2>Training loss</h2>\n<figure>");
        out.append(new CurveChart("training loss", results.curves()).svg());
        out.append("<figcaption>mean over seeds; the band reaches from the least to the largest"
                + " seed</figcaption></figure>\n");
        out.append("<h2>Pictures from the same noise</h2>\n").append(pictures());
        out.append("<h2>Runs</h2>\n").append(runs());
        return out.append(failures()).append("</main>\n</html>\n").toString();
    }

    private String verdicts() {
        StringBuilder out = new StringBuilder("<div class=\"cards\">\n");
        for (Variant variant : logbook.variants()) {
            if (variant.isBaseline()) {
                continue;
            }
            Effect effect = results.effect(logbook.judging().headline(), variant);
            out.append("<section class=\"card %s\"><h3>%s <small>against %s</small></h3>%n"
                    .formatted(
                            effect.direction().word(),
                            Svg.escape(variant.title()),
                            Svg.escape(title(variant.against().orElseThrow()))));
            out.append("<p class=\"change\"><code>")
                    .append(Svg.escape(variant.change().toString()))
                    .append("</code></p>\n");
            out.append("<p><b>Found</b> ")
                    .append(Svg.escape(effect.metric() + " " + effect.sentence()))
                    .append("</p>\n");
            variant.expectation()
                    .ifPresent(e -> out.append("<p><b>Expected</b> %s: %s</p>%n"
                            .formatted(e.direction().word(), Svg.escape(e.because()))));
            variant.published()
                    .ifPresent(p -> out.append("<p><b>Published</b> %s%s</p>%n"
                            .formatted(
                                    Svg.escape(published(variant)),
                                    agreement(variant)
                                            .map(word -> " <em>" + word + "</em>")
                                            .orElse(""))));
            out.append("</section>\n");
        }
        return out.append("</div>\n").toString();
    }

    private String pictures() {
        StringBuilder out = new StringBuilder("<div class=\"samples\">\n");
        long seed = logbook.seeds().getFirst();
        for (Variant variant : logbook.variants()) {
            Path file = folder.resolve("runs")
                    .resolve(new RunKey(variant.name(), seed).toString())
                    .resolve(SAMPLES);
            if (Files.exists(file)) {
                out.append(
                        "<figure><img alt=\"samples of %s\" src=\"data:image/png;base64,%s\"><figcaption>%s</figcaption></figure>%n"
                                .formatted(
                                        Svg.escape(variant.title()),
                                        Base64.getEncoder().encodeToString(bytes(file)),
                                        Svg.escape(variant.title())));
            }
        }
        return out.append("</div>\n").toString();
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
    }

    private String runs() {
        List<List<String>> rows = new ArrayList<>();
        for (Variant variant : logbook.variants()) {
            for (Map.Entry<Long, RunResult> run : results.of(variant.name()).entrySet()) {
                RunResult result = run.getValue();
                List<String> row =
                        new ArrayList<>(List.of(variant.title(), run.getKey().toString()));
                for (String metric : results.metrics()) {
                    Measure measure = result.metrics().get(metric);
                    row.add(measure == null ? "–" : interval(measure));
                }
                result.lossByTime().forEach(loss -> row.add(Effect.figure(loss)));
                row.add(String.format(Locale.ROOT, "%.0f", result.throughput()));
                row.add(String.format(Locale.ROOT, "%.0f", result.seconds()));
                row.add(String.format(Locale.ROOT, "%.0f", result.peakMebibytes()));
                rows.add(row);
            }
        }
        List<String> head = new ArrayList<>(List.of("variant", "seed"));
        head.addAll(results.metrics());
        head.addAll(List.of("loss t<0.3", "t<0.6", "t≤1", "pictures/s", "seconds", "MiB"));
        return ReportPage.table(head, rows);
    }

    private static String interval(Measure measure) {
        boolean exact = measure.low() == measure.high();
        return Effect.figure(measure.value())
                + (exact ? "" : " [" + Effect.figure(measure.low()) + ", " + Effect.figure(measure.high()) + "]");
    }

    private String failures() {
        if (results.failures().isEmpty()) {
            return "";
        }
        List<List<String>> rows = new ArrayList<>();
        for (Failed failed : results.failures()) {
            rows.add(List.of(
                    failed.key().toString(),
                    failed.reason(),
                    failed.provenance().time()));
        }
        return "<h2>Failures</h2>\n" + ReportPage.table(List.of("run", "why", "when"), rows);
    }
}
