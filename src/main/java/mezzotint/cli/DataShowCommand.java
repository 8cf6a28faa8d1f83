package mezzotint.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import mezzotint.data.CaptionedImage;
import mezzotint.data.ImageFolder;
import mezzotint.data.StarterSet;
import mezzotint.image.PictureSheet;
import mezzotint.image.PictureSheet.Label;
import mezzotint.image.Resampling;
import mezzotint.image.RgbImage;
import mezzotint.image.UnreadableImageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code mezzotint data show}. */
@Command(
        name = "show",
        aliases = "list",
        description = {
            "Counts a data set's pictures, captions and languages, reads every picture, and draws a contact sheet.",
            "",
            "The exit status is 1 when a picture cannot be read.%n"
        })
final class DataShowCommand implements Callable<Integer> {
    private static final int CELL = 64;
    private static final int COLUMNS = 8;

    private final Console console;

    @Parameters(paramLabel = "FOLDER|starter|emoji", description = "What to show.")
    private String source;

    @Option(names = "--out", paramLabel = "FILE", description = "The contact sheet (default: NAME-sheet.png here).")
    private Path out;

    @Option(names = "--count", paramLabel = "N", defaultValue = "64", description = "Pictures on it (default: 64).")
    private int count;

    @Option(names = "--force", description = "Replace a file that exists.")
    private boolean force;

    DataShowCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (count < 1 || count > 4096) {
            throw new UserMistake("--count wants 1 to 4096, got %d", count);
        }
        List<CaptionedImage> images = images();
        OutputFiles files = new OutputFiles(Optional.ofNullable(out), force);
        Path file = files.choose(
                Words.fileName(Path.of(source).toAbsolutePath().getFileName().toString()) + "-sheet");
        List<PictureSheet.Cell> readable = new ArrayList<>();
        int bad = 0;
        for (CaptionedImage image : images) {
            try {
                RgbImage picture = image.picture().load().centreSquare();
                readable.add(new PictureSheet.Cell(picture.resized(CELL, CELL, Resampling.BICUBIC), caption(image)));
            } catch (UnreadableImageException e) {
                console.err().println(Failures.sentence(e));
                bad++;
            }
        }
        tell(images, bad);
        if (!readable.isEmpty()) {
            files.makeFolders();
            Pictures.write(file, sheet(PromptTable.evenly(readable, count)), Map.of("source", source));
            console.out().println("contact sheet: " + file);
        }
        return bad > 0 ? ExitCode.FAILED : ExitCode.OK;
    }

    private List<CaptionedImage> images() {
        if (source.equals(TrainingData.STARTER)) {
            StarterSet set = StarterSet.load();
            return set.images(set.languages());
        }
        return ImageFolder.read(TrainingData.folderOf(source));
    }

    private void tell(List<CaptionedImage> images, int bad) {
        Map<String, Integer> byLanguage = new TreeMap<>();
        long captions = 0;
        for (CaptionedImage image : images) {
            for (var entry : image.captions().entrySet()) {
                byLanguage.merge(entry.getKey(), 1, Integer::sum);
                captions += entry.getValue().size();
            }
        }
        console.out()
                .println(
                        "%d pictures, %d captions, %d languages".formatted(images.size(), captions, byLanguage.size()));
        boolean uneven = byLanguage.values().stream().anyMatch(n -> n != images.size());
        List<String> named = byLanguage.entrySet().stream()
                .map(entry -> uneven ? entry.getKey() + " (" + entry.getValue() + ")" : entry.getKey())
                .toList();
        console.out().println("languages: " + String.join(" ", named));
        if (bad > 0) {
            console.out().println(bad == 1 ? "1 picture cannot be read" : bad + " pictures cannot be read");
        }
    }

    private static Label caption(CaptionedImage image) {
        Map<String, List<String>> captions = image.captions();
        return PromptTable.label(
                captions.getOrDefault("en", captions.values().iterator().next()).getFirst());
    }

    private static RgbImage sheet(List<PictureSheet.Cell> cells) {
        List<PictureSheet.Cell> padded = new ArrayList<>(cells);
        int columns = Math.min(COLUMNS, cells.size());
        while (padded.size() % columns != 0) {
            padded.add(new PictureSheet.Cell(RgbImage.filled(CELL, CELL, 0xFFFFFF), Label.NONE));
        }
        List<PictureSheet.Row> rows = new ArrayList<>();
        for (int i = 0; i < padded.size(); i += columns) {
            rows.add(new PictureSheet.Row(Label.NONE, padded.subList(i, i + columns)));
        }
        return new PictureSheet(java.util.Collections.nCopies(columns, Label.NONE), rows, CELL)
                .draw()
                .image();
    }
}
