package mezzotint.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import mezzotint.image.RgbImage;

/**
 * A folder of pictures with captions, in one of two layouts.
 *
 * <ul>
 *   <li>A {@code captions.jsonl}, or the only {@code *.jsonl} there: a line a picture, {@code {"file": "a/b.png",
 *       "caption": "…"}} or {@code {"file": …, "captions": {"en": "…", "zh": ["…", "…"]}}}; {@code file_name} and
 *       {@code text} are understood as well. Paths are relative to the folder.
 *   <li>Otherwise every picture (PNG, JPEG, BMP, GIF, WebP), in subfolders too, with a {@code .txt} of the same name
 *       beside it, a caption a line.
 * </ul>
 */
public final class ImageFolder {
    private static final Set<String> SUFFIXES = Set.of("png", "jpg", "jpeg", "bmp", "gif", "webp");

    private ImageFolder() {}

    /**
     * Lists a folder's pictures and captions, sorted by path (or in the caption file's order); decodes nothing yet.
     *
     * @throws DatasetException if the folder, a caption or a picture file is missing or not as it should be
     */
    public static List<CaptionedImage> read(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new DatasetException(folder, "is no folder; expected one with pictures and captions");
        }
        List<Path> files = filesIn(folder);
        List<Path> captionFiles = files.stream()
                .filter(f -> folder.equals(f.getParent()) && suffix(f).equals("jsonl"))
                .toList();
        Path chosen = folder.resolve("captions.jsonl");
        if (captionFiles.contains(chosen)) {
            return fromLines(chosen);
        }
        if (captionFiles.size() > 1) {
            throw new DatasetException(folder, "has %d .jsonl files and none is captions.jsonl; rename the one to use"
                    .formatted(captionFiles.size()));
        }
        return captionFiles.isEmpty() ? fromTexts(folder, files) : fromLines(captionFiles.getFirst());
    }

    private static List<CaptionedImage> fromLines(Path captions) {
        List<CaptionedImage> images = new ArrayList<>();
        for (CaptionLines.Line line : CaptionLines.parse(bytes(captions), captions)) {
            Path picture = captions.resolveSibling(line.file());
            if (!Files.isRegularFile(picture)) {
                throw new DatasetException(picture, "is missing, but %s names it".formatted(captions));
            }
            images.add(new CaptionedImage(line.file(), () -> RgbImage.read(picture), line.captions()));
        }
        if (images.isEmpty()) {
            throw new DatasetException(captions, "names no picture; expected a line for each");
        }
        return List.copyOf(images);
    }

    private static List<CaptionedImage> fromTexts(Path folder, List<Path> files) {
        List<CaptionedImage> images = new ArrayList<>();
        for (Path picture : files) {
            if (SUFFIXES.contains(suffix(picture))) {
                String id = folder.relativize(picture).toString().replace('\\', '/');
                images.add(new CaptionedImage(id, () -> RgbImage.read(picture), captionsBeside(picture)));
            }
        }
        if (images.isEmpty()) {
            throw new DatasetException(folder, "holds no picture; expected %s files with captions"
                    .formatted(String.join(", ", SUFFIXES.stream().sorted().toList())));
        }
        return List.copyOf(images);
    }

    private static Map<String, List<String>> captionsBeside(Path picture) {
        String name = picture.getFileName().toString();
        Path text = picture.resolveSibling(name.substring(0, name.lastIndexOf('.')) + ".txt");
        if (!Files.isRegularFile(text)) {
            throw new DatasetException(text, "is missing: picture %s wants its caption there".formatted(name));
        }
        List<String> captions = CaptionLines.text(bytes(text), text)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        if (captions.isEmpty()) {
            throw new DatasetException(text, "is empty: expected the caption of " + name);
        }
        return Map.of(CaptionedImage.UNDETERMINED, captions);
    }

    private static List<Path> filesIn(Path folder) {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new DatasetException(folder, "cannot be listed: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new DatasetException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    private static String suffix(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
