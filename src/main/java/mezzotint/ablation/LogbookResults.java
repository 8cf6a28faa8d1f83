package mezzotint.ablation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import mezzotint.ablation.CurveChart.Curve;
import mezzotint.ablation.RunRecord.Failed;
import mezzotint.ablation.RunRecord.Finished;

/** A logbook's records, sorted by variant and seed; of several ends of one run the newest counts. */
final class LogbookResults {
    private final Logbook logbook;
    private final Map<String, Map<Long, RunResult>> finished = new LinkedHashMap<>();
    private final List<Failed> failures = new ArrayList<>();
    private final Map<RunKey, RunRecord> newest = new LinkedHashMap<>();

    LogbookResults(Logbook logbook, List<RunRecord> records) {
        this.logbook = logbook;
        for (RunRecord record : records) {
            if (!(record instanceof RunRecord.Planned)) {
                newest.remove(record.key());
                newest.put(record.key(), record);
            }
            if (record instanceof Failed failed) {
                failures.add(failed);
            }
        }
        for (Variant variant : logbook.variants()) {
            Map<Long, RunResult> bySeed = new TreeMap<>();
            newest.values().forEach(record -> {
                if (record instanceof Finished f && f.key().variant().equals(variant.name())) {
                    bySeed.put(f.key().seed(), f.result());
                }
            });
            finished.put(variant.name(), bySeed);
        }
    }

    /** Results of a variant by seed. */
    Map<Long, RunResult> of(String variant) {
        return finished.get(variant);
    }

    /** Every failure there was, also of runs that succeeded later. */
    List<Failed> failures() {
        return failures;
    }

    /** The newest end of every run, oldest first. */
    List<RunRecord> ends() {
        return List.copyOf(newest.values());
    }

    /** Names of all metrics, the headline first. */
    List<String> metrics() {
        TreeSet<String> names = new TreeSet<>();
        finished.values()
                .forEach(runs ->
                        runs.values().forEach(run -> names.addAll(run.metrics().keySet())));
        List<String> ordered = new ArrayList<>();
        if (names.remove(logbook.judging().headline())) {
            ordered.add(logbook.judging().headline());
        }
        ordered.addAll(names);
        return ordered;
    }

    /** What a variant did to a metric; no pairs for the baseline. */
    Effect effect(String metric, Variant variant) {
        return Effect.of(
                metric,
                variant.isBaseline() ? Map.of() : of(variant.name()),
                variant.against().map(this::of).orElse(Map.of()));
    }

    /** Bars of a metric, one a variant. */
    List<BarChart.Bar> bars(String metric) {
        List<BarChart.Bar> bars = new ArrayList<>();
        for (Variant variant : logbook.variants()) {
            List<Double> seeds = of(variant.name()).values().stream()
                    .map(run -> run.metrics().get(metric))
                    .filter(measure -> measure != null && Double.isFinite(measure.value()))
                    .map(Measure::value)
                    .toList();
            Effect spread = new Effect(metric, seeds, 0, true); // its mean and interval are those of the figures
            bars.add(new BarChart.Bar(variant.title(), seeds, spread.mean(), spread.halfWidth(), variant.isBaseline()));
        }
        return bars;
    }

    /** Training losses, one curve a variant with a finished run. */
    List<Curve> curves() {
        List<Curve> curves = new ArrayList<>();
        for (Variant variant : logbook.variants()) {
            List<RunResult> runs = List.copyOf(of(variant.name()).values());
            if (!runs.isEmpty()) {
                curves.add(curve(variant.title(), runs));
            }
        }
        return curves;
    }

    private static Curve curve(String title, List<RunResult> runs) {
        int points = runs.stream().mapToInt(run -> run.curve().size()).min().orElse(0);
        List<Double> means = new ArrayList<>();
        List<Double> lows = new ArrayList<>();
        List<Double> highs = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            int at = i;
            var values = runs.stream().mapToDouble(run -> run.curve().get(at)).summaryStatistics();
            means.add(values.getAverage());
            lows.add(values.getMin());
            highs.add(values.getMax());
        }
        return new Curve(title, runs.getFirst().curveSteps().subList(0, points), means, lows, highs);
    }
}
