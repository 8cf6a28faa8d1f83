package mezzotint.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import mezzotint.data.FetchException.Reason;

/**
 * Fetches all Noto emoji with their names in about ninety languages, and makes an {@link ImageFolder} of them.
 *
 * <p>Packages: {@code emoji-datasource-google} (its {@code img/google/64} only), {@code emojibase-data},
 * {@code cldr-annotations-full} and {@code cldr-annotations-derived-full}, each checked by SHA-512. The folder appears whole or not at all.
 */
public final class EmojiFetch {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String PICTURES = "img/google/64/";
    private static final Pattern PICTURE = Pattern.compile("[0-9a-f]+(?:-[0-9a-f]+)*\\.png");
    private static final double NAMED_SHARE = 0.9; // a language naming less of the emoji is left out

    /**
     * How far a fetch has come.
     *
     * @param step what is being done
     * @param done steps finished
     * @param total steps in all
     */
    public record Progress(String step, int done, int total) {}

    /**
     * What a fetch gave.
     *
     * @param folder an {@link ImageFolder}
     * @param pictures how many
     * @param languages how many
     * @param captions how many over all languages
     * @param fresh false if it lay there already and nothing was fetched; the counts are then those of the folder
     */
    public record Fetched(Path folder, int pictures, int languages, long captions, boolean fresh) {}

    private final PackageClient client;

    /**
     * Makes a fetch.
     *
     * @param client how to get packages, usually {@link NpmClient}
     */
    public EmojiFetch(PackageClient client) {
        this.client = client;
    }

    /** The user's cache folder: {@code $XDG_CACHE_HOME/mezzotint}, or {@code ~/.cache/mezzotint}. */
    public static Path userCache() {
        return cache(System.getenv());
    }

    /** Where in a cache folder the set lies once it has been fetched. */
    public static Path folderIn(Path cache) {
        return cache.resolve("emoji-" + PackageArchive.PICTURES.version());
    }

    static Path cache(Map<String, String> environment) {
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        // the XDG specification wants a relative path ignored
        Path base = !cache.isBlank() && Path.of(cache).isAbsolute()
                ? Path.of(cache)
                : Path.of(System.getProperty("user.home"), ".cache");
        return base.resolve("mezzotint");
    }

    /**
     * Fetches into a cache folder, unless the set lies there already.
     *
     * @param cache the folder of folders, made if need be
     * @param progress told at each step
     * @throws FetchException with the reason and the remedy; nothing half-written is left
     */
    public Fetched into(Path cache, Consumer<Progress> progress) {
        Path folder = folderIn(cache);
        if (Files.isDirectory(folder)) {
            return counted(folder, false);
        }
        try {
            Files.createDirectories(cache);
            try (ScratchFolder scratch = ScratchFolder.in(cache, ".emoji-")) {
                Path made = Files.createDirectory(scratch.path().resolve("made"));
                make(scratch.path(), made, progress);
                scratch.moveWhole(made, folder);
            }
        } catch (IOException e) {
            throw new FetchException(
                    Reason.NOT_WRITABLE,
                    "cannot write to %s (%s); free some space or choose another folder with XDG_CACHE_HOME"
                            .formatted(cache, e),
                    e);
        }
        return counted(folder, true);
    }

    private void make(Path scratch, Path made, Consumer<Progress> progress) throws IOException {
        Map<PackageArchive, Path> archives = new HashMap<>();
        List<PackageArchive> wanted = List.of(
                PackageArchive.CLDR, PackageArchive.CLDR_DERIVED, PackageArchive.EMOJIBASE, PackageArchive.PICTURES);
        int steps = wanted.size() + 2;
        for (PackageArchive archive : wanted) {
            progress.accept(new Progress("fetching " + archive.nameAndVersion(), archives.size(), steps));
            Path into = Files.createDirectory(scratch.resolve(archive.name()));
            archives.put(archive, archive.fetch(client, into));
        }
        progress.accept(new Progress("reading names", steps - 2, steps));
        EmojiNames names = EmojiNames.ofCldr(archives.get(PackageArchive.CLDR))
                .withDerived(archives.get(PackageArchive.CLDR_DERIVED))
                .withEmojibase(archives.get(PackageArchive.EMOJIBASE));
        progress.accept(new Progress("writing pictures", steps - 1, steps));
        write(archives, names, made);
        progress.accept(new Progress("done", steps, steps));
    }

    private static void write(Map<PackageArchive, Path> archives, EmojiNames names, Path made) throws IOException {
        PackageArchive source = PackageArchive.PICTURES;
        Map<String, byte[]> files = new LinkedHashMap<>();
        source.read(
                archives.get(source),
                path -> path.equals("emoji.json")
                        || path.startsWith(PICTURES)
                                && PICTURE.matcher(path.substring(PICTURES.length()))
                                        .matches(),
                files::put);
        if (!files.containsKey("emoji.json")) {
            throw source.bad("no emoji.json");
        }
        JsonNode emoji = EmojiNames.json(source, "emoji.json", files.get("emoji.json"));
        Map<String, Map<String, EmojiNames.Name>> languages = new LinkedHashMap<>(names.byLanguage());
        languages.values().removeIf(named -> share(emoji, named) < NAMED_SHARE);
        Path pictures = Files.createDirectory(made.resolve("pictures"));
        StringBuilder lines = new StringBuilder();
        for (JsonNode one : emoji) {
            byte[] png = files.get(PICTURES + one.path("image").asText());
            if (png != null && !one.path("category").asText().equals("Component")) {
                ObjectNode line = line(one, languages);
                if (!line.path("captions").isEmpty()) {
                    Files.write(pictures.resolve(one.path("image").asText()), png);
                    lines.append(JSON.writeValueAsString(line)).append('\n');
                }
            }
        }
        Files.writeString(made.resolve("captions.jsonl"), lines, StandardCharsets.UTF_8);
        Licences.write(archives, made);
    }

    private static ObjectNode line(JsonNode emoji, Map<String, Map<String, EmojiNames.Name>> languages) {
        ObjectNode line = JSON.createObjectNode();
        String text = characters(emoji);
        line.put("file", "pictures/" + emoji.path("image").asText());
        line.put("emoji", text);
        line.put("group", emoji.path("category").asText());
        ObjectNode captions = line.putObject("captions");
        languages.forEach((language, named) -> {
            EmojiNames.Name name = named.get(EmojiNames.plain(text));
            if (name != null) {
                captions.put(language, name.label());
            }
        });
        return line;
    }

    private static double share(JsonNode emoji, Map<String, EmojiNames.Name> named) {
        int found = 0;
        for (JsonNode one : emoji) {
            found += named.containsKey(EmojiNames.plain(characters(one))) ? 1 : 0;
        }
        return (double) found / Math.max(1, emoji.size());
    }

    private static String characters(JsonNode emoji) {
        StringBuilder text = new StringBuilder();
        for (String hex : emoji.path("unified").asText().split("-", -1)) {
            text.appendCodePoint(Integer.parseInt(hex, 16));
        }
        return text.toString();
    }

    private static Fetched counted(Path folder, boolean fresh) {
        List<CaptionedImage> images = ImageFolder.read(folder);
        long languages = images.stream()
                .flatMap(i -> i.captions().keySet().stream())
                .distinct()
                .count();
        long captions = images.stream().mapToLong(i -> i.captions().size()).sum();
        return new Fetched(folder, images.size(), (int) languages, captions, fresh);
    }
}
