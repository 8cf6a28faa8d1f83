package mezzotint.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import mezzotint.data.DatasetException;
import mezzotint.data.PictureSource;
import mezzotint.image.RgbImage;
import mezzotint.io.FileReadException;
import mezzotint.io.FolderManifest;

/**
 * A picture to be scored.
 *
 * @param name for messages
 * @param identity of its pixels: the file's format and SHA-256, or the size and SHA-256 of bytes in memory
 * @param source of its pixels
 */
public record ScoredPicture(String name, String identity, PictureSource source) {
    private static final Set<String> SUFFIXES = Set.of("png", "jpg", "jpeg", "bmp", "gif", "webp");

    /**
     * All pictures of a folder and the folders in it, sorted by path; captions are not asked for. Files are read to be hashed, and
     * decoded later.
     *
     * @throws DatasetException when there is no such folder or no picture in it
     */
    public static List<ScoredPicture> allIn(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new DatasetException(folder, "is no folder; expected one with pictures");
        }
        try (Stream<Path> all = Files.walk(folder)) {
            List<ScoredPicture> pictures = all.filter(Files::isRegularFile)
                    .filter(file -> SUFFIXES.contains(suffix(file)))
                    .sorted()
                    .map(ScoredPicture::of)
                    .toList();
            if (pictures.isEmpty()) {
                throw new DatasetException(
                        folder,
                        "holds no picture; expected %s files"
                                .formatted(String.join(
                                        ", ", SUFFIXES.stream().sorted().toList())));
            }
            return pictures;
        } catch (IOException | UncheckedIOException e) {
            throw new DatasetException(folder, "cannot be listed: " + e.getMessage(), e);
        }
    }

    /**
     * A picture file.
     *
     * @throws FileReadException when it cannot be read
     */
    public static ScoredPicture of(Path file) {
        return new ScoredPicture(
                file.toString(), suffix(file) + " file " + FolderManifest.sha256(file), () -> RgbImage.read(file));
    }

    /** A picture in memory. */
    public static ScoredPicture of(String name, RgbImage picture) {
        MessageDigest digest = FolderManifest.digest();
        String hash = HexFormat.of().formatHex(digest.digest(picture.toBytes()));
        return new ScoredPicture(
                name, "%d×%d pixels %s".formatted(picture.width(), picture.height(), hash), () -> picture);
    }

    private static String suffix(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
