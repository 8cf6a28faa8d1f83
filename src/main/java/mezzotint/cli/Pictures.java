package mezzotint.cli;

import java.nio.file.Path;
import java.util.Map;
import mezzotint.image.PngFile;
import mezzotint.image.RgbImage;
import mezzotint.io.AtomicFiles;

/** Writes pictures for users. */
final class Pictures {
    private Pictures() {}

    /**
     * Writes a PNG with the parameters that made it.
     *
     * @throws mezzotint.io.FileWriteException where the file system refuses; nothing is left half-written
     */
    static void write(Path file, RgbImage picture, Map<String, String> parameters) {
        byte[] png = PngFile.encode(picture, parameters);
        AtomicFiles.write(file, out -> out.write(png));
    }
}
