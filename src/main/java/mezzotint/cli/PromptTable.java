package mezzotint.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import mezzotint.data.CaptionedImage;
import mezzotint.data.Concept;
import mezzotint.data.StarterSet;
import mezzotint.image.PictureSheet;
import mezzotint.image.PictureSheet.Label;
import mezzotint.image.RgbImage;

/**
 * Prompts in rows and columns, to be drawn as a sheet.
 *
 * @param columns headers
 * @param rows each with a prompt a column
 */
record PromptTable(List<Label> columns, List<Row> rows) {
    private static final int ROWS = 8;
    private static final int SEEDS = 4;

    /**
     * A prompt with the seed it is drawn from.
     *
     * @param text the prompt
     * @param seed of the noise
     * @param caption to write under the picture
     */
    record Prompt(String text, long seed, Label caption) {}

    /** A row's name and prompts. */
    record Row(Label label, List<Prompt> prompts) {
        Row {
            prompts = List.copyOf(prompts);
        }
    }

    PromptTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /** Concepts of the starter set × languages; all pictures of a row start from the same noise. */
    static PromptTable ofStarter(StarterSet set, List<Concept> concepts, List<String> languages) {
        List<Row> rows = new ArrayList<>();
        for (Concept concept : concepts) {
            String english = set.label(concept, "en");
            long seed = set.concepts().indexOf(concept);
            rows.add(new Row(
                    label(english),
                    languages.stream()
                            .map(language -> {
                                String text = set.label(concept, language);
                                return new Prompt(text, seed, label(text, language + ": " + english));
                            })
                            .toList()));
        }
        return new PromptTable(languages.stream().map(PromptTable::label).toList(), rows);
    }

    /** Some pictures' captions: in several languages, or from several seeds where only one language is there. */
    static PromptTable ofImages(List<CaptionedImage> images, List<String> languages) {
        List<Row> rows = new ArrayList<>();
        for (CaptionedImage image : evenly(images, ROWS)) {
            Map<String, List<String>> captions = image.captions();
            String first = captions.getOrDefault(
                            "en", captions.values().iterator().next())
                    .getFirst();
            List<Prompt> prompts = new ArrayList<>();
            for (int i = 0; i < columnsOf(languages); i++) {
                String language = languages.get(Math.min(i, languages.size() - 1));
                String text = captions.getOrDefault(language, List.of(first)).getFirst();
                long seed = languages.size() > 1 ? rows.size() : i;
                prompts.add(new Prompt(text, seed, languages.size() > 1 ? label(text) : Label.NONE));
            }
            rows.add(new Row(label(first), prompts));
        }
        List<Label> columns = new ArrayList<>();
        for (int i = 0; i < columnsOf(languages); i++) {
            columns.add(label(languages.size() > 1 ? languages.get(i) : "seed " + i));
        }
        return new PromptTable(columns, rows);
    }

    /** Prompts × seeds. */
    static PromptTable ofPrompts(List<String> prompts, List<Long> seeds) {
        return new PromptTable(
                seeds.stream().map(seed -> label("seed " + seed)).toList(),
                prompts.stream()
                        .map(text -> new Row(
                                label(text),
                                seeds.stream()
                                        .map(seed -> new Prompt(text, seed, Label.NONE))
                                        .toList()))
                        .toList());
    }

    /** At most {@code count} of a list, spread over it. */
    static <T> List<T> evenly(List<T> all, int count) {
        List<T> some = new ArrayList<>();
        int taken = Math.min(count, all.size());
        for (int i = 0; i < taken; i++) {
            some.add(all.get((int) ((long) i * all.size() / taken)));
        }
        return some;
    }

    private static int columnsOf(List<String> languages) {
        return languages.size() > 1 ? languages.size() : SEEDS;
    }

    /** Every prompt, row by row. */
    List<String> prompts() {
        return rows.stream()
                .flatMap(row -> row.prompts.stream())
                .map(Prompt::text)
                .toList();
    }

    /** Every prompt's seed, row by row. */
    List<Long> seeds() {
        return rows.stream()
                .flatMap(row -> row.prompts.stream())
                .map(Prompt::seed)
                .toList();
    }

    /**
     * The sheet.
     *
     * @param pictures of the prompts, row by row
     */
    PictureSheet sheet(List<RgbImage> pictures) {
        Iterator<RgbImage> next = pictures.iterator();
        List<PictureSheet.Row> drawn = new ArrayList<>();
        for (Row row : rows) {
            List<PictureSheet.Cell> cells = new ArrayList<>();
            for (Prompt prompt : row.prompts) {
                cells.add(new PictureSheet.Cell(next.next(), prompt.caption));
            }
            drawn.add(new PictureSheet.Row(row.label, cells));
        }
        RgbImage first = pictures.getFirst();
        int cell = Math.clamp(Math.max(first.width(), first.height()), 64, 512);
        return new PictureSheet(columns, drawn, cell);
    }

    /** A label in any script, with what can be shown everywhere. */
    static Label label(String text) {
        return label(text, text);
    }

    private static Label label(String text, String fallback) {
        return new Label(text, fallback.replaceAll("[^ -~]", "?"));
    }
}
