package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import mezzotint.image.PictureSheet;
import mezzotint.image.PictureSheet.Cell;
import mezzotint.image.PictureSheet.Label;
import mezzotint.image.RgbImage;
import mezzotint.sampling.SamplingRequest;

/**
 * A picture and how it came about.
 *
 * @param picture at t = 0
 * @param strip x_t and x̂₀ of every step
 */
record Trajectory(RgbImage picture, RgbImage strip) {
    private static final String SUFFIX = "-trajectory.png";

    /** Draws one picture of a request. */
    static Trajectory draw(Painter painter, SamplingRequest request) {
        List<Label> times = new ArrayList<>();
        List<Cell> noised = new ArrayList<>();
        List<Cell> clean = new ArrayList<>();
        RgbImage picture = painter.draw(request, step -> {
                    times.add(Label.ascii(String.format(Locale.ROOT, "t = %.2f", step.time())));
                    noised.add(cell(painter.pictures(step.noised()).getFirst()));
                    clean.add(cell(painter.pictures(step.clean()).getFirst()));
                })
                .getFirst();
        times.add(Label.ascii("t = 0"));
        noised.add(cell(picture));
        clean.add(cell(picture));
        List<PictureSheet.Row> rows = List.of(
                new PictureSheet.Row(Label.ascii("x_t"), noised),
                new PictureSheet.Row(new Label("x̂₀", "x_0"), clean));
        int cell = Math.clamp(Math.max(picture.width(), picture.height()), 64, 256);
        return new Trajectory(picture, new PictureSheet(times, rows, cell).draw().image());
    }

    private static Cell cell(RgbImage picture) {
        return new Cell(picture, Label.NONE);
    }

    /**
     * The strip's file beside the picture's.
     *
     * @throws UserMistake when it exists and may not be replaced
     */
    static Path beside(Path picture, boolean force) {
        String name = picture.getFileName().toString();
        Path strip = picture.resolveSibling(name.substring(0, name.length() - ".png".length()) + SUFFIX);
        if (Files.exists(strip) && !force) {
            throw new UserMistake("%s exists already; add --force to replace it", strip);
        }
        return strip;
    }
}
