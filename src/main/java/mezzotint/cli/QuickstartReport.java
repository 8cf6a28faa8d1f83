package mezzotint.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import mezzotint.data.Concept;
import mezzotint.data.StarterSet;
import mezzotint.evaluation.PromptAccuracy;
import mezzotint.evaluation.PromptAccuracy.Count;
import mezzotint.image.RgbImage;
import mezzotint.io.Json;

/**
 * What the quickstart has learnt.
 *
 * @param accuracy per language
 * @param set what was trained on
 * @param pictures drawn, by language, in the order of the concepts
 */
record QuickstartReport(PromptAccuracy accuracy, StarterSet set, Map<String, List<RgbImage>> pictures) {
    /** The sheet to look at. */
    static final String SHEET = "quickstart.png";
    /** The sheet of everything. */
    static final String ALL = "quickstart-all.png";
    /** The numbers. */
    static final String ACCURACY = "accuracy.json";

    private static final int SHOWN = 16;

    /** Draws every concept in every language, and prints a line a language. */
    static QuickstartReport measure(TrainingRun training, Console console) {
        StarterSet set = StarterSet.load();
        List<String> configured = training.config().data().languages();
        List<String> trained = configured.isEmpty() ? set.trainedLanguages() : configured;
        List<String> heldOut = set.heldOutLanguages().stream()
                .filter(l -> !trained.contains(l))
                .toList();
        List<Long> seeds = LongStream.range(0, set.concepts().size()).boxed().toList();
        Map<String, List<RgbImage>> pictures = new HashMap<>();
        console.out()
                .println("%ndrawing %d concepts in %d languages; nearest training picture is the prompted one:%n"
                        .formatted(seeds.size(), trained.size() + heldOut.size()));
        PromptAccuracy accuracy = training.withDrawer(
                Drawing.STEPS,
                drawer -> PromptAccuracy.measure(
                        set,
                        training.config().data().imageSize(),
                        new PromptAccuracy.Languages(trained, heldOut),
                        (language, prompts) -> {
                            List<RgbImage> drawn = drawer.draw(prompts, seeds, _ -> {});
                            pictures.put(language, drawn);
                            return drawn;
                        },
                        count -> console.out().println(line(count))));
        console.out().println("%n  %-10s %s".formatted("trained", Words.percent(accuracy.trainedShare())));
        if (!heldOut.isEmpty()) {
            console.out().println("  %-10s %s".formatted("held out", Words.percent(accuracy.heldOutShare())));
        }
        return new QuickstartReport(accuracy, set, pictures);
    }

    private static String line(Count count) {
        return "  %-10s %5s  %2d of %d%s"
                .formatted(
                        count.language(),
                        Words.percent(count.share()),
                        count.right(),
                        count.total(),
                        count.trained() ? "" : "  (held out)");
    }

    /** Writes both sheets and the numbers into the run's folder. */
    void write(TrainingRun training) {
        Map<String, String> parameters = Map.of(
                "step", Long.toString(training.steps()),
                "steps", Integer.toString(Drawing.STEPS),
                "guidance", Float.toString(Drawing.GUIDANCE));
        Pictures.write(training.folder().resolve(SHEET), sheet(PromptTable.evenly(set.concepts(), SHOWN)), parameters);
        Pictures.write(training.folder().resolve(ALL), sheet(set.concepts()), parameters);
        Json.write(training.folder().resolve(ACCURACY), json(training));
    }

    private RgbImage sheet(List<Concept> concepts) {
        List<String> languages = accuracy.counts().stream().map(Count::language).toList();
        List<RgbImage> cells = new ArrayList<>();
        for (Concept concept : concepts) {
            int index = set.concepts().indexOf(concept);
            languages.forEach(language -> cells.add(pictures.get(language).get(index)));
        }
        return PromptTable.ofStarter(set, concepts, languages)
                .sheet(cells)
                .draw()
                .image();
    }

    private ObjectNode json(TrainingRun training) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("step", training.steps());
        json.put("sampling_steps", Drawing.STEPS);
        json.put("guidance", Drawing.GUIDANCE);
        json.put("trained_share", accuracy.trainedShare());
        json.put("held_out_share", accuracy.heldOutShare());
        var languages = json.putArray("languages");
        for (Count count : accuracy.counts()) {
            languages
                    .addObject()
                    .put("language", count.language())
                    .put("trained", count.trained())
                    .put("right", count.right())
                    .put("total", count.total());
        }
        return json;
    }
}
