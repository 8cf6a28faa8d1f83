package mezzotint.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import mezzotint.data.FetchException.Reason;
import mezzotint.vision.InceptionConversion;
import mezzotint.vision.MalformedTfjsException;

/**
 * Fetches the vision encoder that a fresh machine can have, and converts it into a folder for
 * {@link mezzotint.vision.VisionEncoders#open}.
 *
 * <p>It is Inception-v3 cut after {@code mixed5}: 768 channels, one token for 16 pixels, with ImageNet's kernels rounded to 256
 * levels a tensor. They lie in the package {@code nsfwjs}, whose own training left the kernels up to there as they were and
 * measured the means and variances anew; its later layers and its classifier are not used. Distances between its features are called FID-mixed5 and are not comparable with
 * published FID. The folder appears whole or not at all.
 */
public final class EncoderFetch {
    /** The name users give it. */
    public static final String INCEPTION_MIXED5 = "inception-mixed5";

    private static final String MODEL = "dist/models/inception_v3/";
    private static final String NOTICE = """
        Inception-v3 up to block mixed5, weights quantised to eight bits, from the package nsfwjs, MIT, Copyright
        Infinite Red, Inc.; its kernels were trained on ImageNet and left unchanged there.
        """;

    private final PackageClient client;

    /**
     * Makes a fetch.
     *
     * @param client how to get packages, usually {@link NpmClient}
     */
    public EncoderFetch(PackageClient client) {
        this.client = client;
    }

    /** The names of what can be fetched. */
    public static List<String> names() {
        return List.of(INCEPTION_MIXED5);
    }

    /** Where in a cache folder the encoder lies once it has been fetched. */
    public static Path folderIn(Path cache) {
        return cache.resolve(INCEPTION_MIXED5 + "-" + PackageArchive.INCEPTION.version());
    }

    /**
     * Where an encoder lies that a configuration names.
     *
     * @param nameOrFolder one of {@link #names}, or a folder's path
     * @param cache where fetched encoders lie, usually {@link EmojiFetch#userCache}
     * @return empty where it has not been fetched, or there is no such folder
     */
    public static Optional<Path> find(String nameOrFolder, Path cache) {
        Path folder = names().contains(nameOrFolder) ? folderIn(cache) : Path.of(nameOrFolder);
        return Optional.of(folder).filter(Files::isDirectory);
    }

    /**
     * Fetches into a cache folder, unless the encoder lies there already.
     *
     * @param cache the folder of folders, made if need be
     * @param progress told at each step
     * @return the encoder's folder
     * @throws FetchException with the reason and the remedy; nothing half-written is left
     */
    public Path into(Path cache, Consumer<EmojiFetch.Progress> progress) {
        return into(cache, PackageArchive.INCEPTION, progress);
    }

    Path into(Path cache, PackageArchive archive, Consumer<EmojiFetch.Progress> progress) {
        Path folder = folderIn(cache);
        if (Files.isDirectory(folder)) {
            return folder;
        }
        try {
            Files.createDirectories(cache);
            try (ScratchFolder scratch = ScratchFolder.in(cache, ".encoder-")) {
                Path made = Files.createDirectory(scratch.path().resolve("made"));
                progress.accept(new EmojiFetch.Progress("fetching " + archive.nameAndVersion(), 0, 2));
                Path fetched = archive.fetch(
                        client, Files.createDirectory(scratch.path().resolve("package")));
                progress.accept(new EmojiFetch.Progress("converting", 1, 2));
                convert(archive, fetched, made);
                scratch.moveWhole(made, folder);
            }
        } catch (IOException e) {
            throw new FetchException(
                    Reason.NOT_WRITABLE,
                    "cannot write to %s (%s); free some space or choose another folder with XDG_CACHE_HOME"
                            .formatted(cache, e),
                    e);
        }
        progress.accept(new EmojiFetch.Progress("done", 2, 2));
        return folder;
    }

    private static void convert(PackageArchive archive, Path fetched, Path made) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        archive.read(fetched, path -> path.startsWith(MODEL), files::put);
        byte[] model = files.remove(MODEL + "model.min.js");
        if (model == null) {
            throw archive.bad("no " + MODEL + "model.min.js");
        }
        Map<String, byte[]> shards = new TreeMap<>(files); // group1-shard1of6.min.js, …: fewer than ten, so in order
        try {
            InceptionConversion.convert(
                    archive.nameAndVersion(),
                    text(model),
                    shards.values().stream().map(EncoderFetch::text).toList(),
                    made);
        } catch (MalformedTfjsException e) {
            throw new FetchException(Reason.BAD_PACKAGE, e.getMessage(), e);
        }
        Files.write(made.resolve("LICENSE-%s.txt".formatted(archive.name())), Licences.of(archive, fetched));
        Files.writeString(made.resolve("NOTICE.txt"), NOTICE);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
