package mezzotint.data;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Makes {@code src/main/resources/mezzotint/starter} from the published packages, to the bit.
 *
 * <p>Its two arguments are a folder with the packages as {@code npm pack} names them, and where to write. All but
 * {@code NOTICE.txt} and {@code LICENSE-Apache-2.0.txt}, which are written by hand, comes from here.
 */
final class StarterSetMaker {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int KEYWORDS = 3; // a concept and language

    /** What is drawn: told apart at 16 px, no people, flags or written signs. */
    private static final List<String> EMOJI = List.of(
            "🍓", "🍎", "🍌", "🍇", "🍉", "🍋", "🍒", "🍍", "🥑", "🥕", "🍄", "🍔", "🍕", "🍩", "🧀", "☕",
            "🐶", "🐱", "🐼", "🐸", "🐷", "🐧", "🦉", "🐢", "🐙", "🦋", "🐞", "🐘", "🦊", "🐳", "🦖", "🦁",
            "🌲", "🌵", "🌻", "🌹", "🍀", "☀", "🌙", "⭐", "⚡", "🌈", "☃", "🔥", "🚗", "🚀", "🚲", "⛵",
            "✈", "🏠", "⏰", "💡", "🔑", "🎈", "🎸", "⚽", "💎", "👑", "☂", "🎁", "😀", "💀", "❤", "🤖");

    private static final List<String> LANGUAGES = List.of(
            "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu",
            "id", "it", "ja", "ka", "ko", "lt", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sr", "sv", "sw", "ta", "th",
            "tr", "uk", "vi", "zh", "zh-Hant");

    private StarterSetMaker() {}

    public static void main(String[] arguments) throws IOException {
        make(Path.of(arguments[0]), Path.of(arguments[1]));
    }

    static void make(Path packages, Path folder) throws IOException {
        Path cldr = archive(packages, PackageArchive.CLDR);
        Path google = archive(packages, PackageArchive.PICTURES);
        EmojiNames names = EmojiNames.ofCldr(cldr);
        Map<String, byte[]> files = new HashMap<>();
        PackageArchive.PICTURES.read(google, path -> path.startsWith("img/google/64/"), files::put);
        Files.createDirectories(folder.resolve("pictures"));
        StringBuilder lines = new StringBuilder();
        for (String emoji : EMOJI) {
            ObjectNode line = line(emoji, names);
            Files.write(folder.resolve(line.path("file").asText()), picture(line.path("id").asText(), files));
            lines.append(JSON.writeValueAsString(line)).append('\n');
        }
        Files.writeString(folder.resolve("concepts.jsonl"), lines, StandardCharsets.UTF_8);
        Files.write(folder.resolve("LICENSE-Unicode-3.0.txt"), Licences.of(PackageArchive.CLDR, cldr));
    }

    private static ObjectNode line(String emoji, EmojiNames names) {
        ObjectNode line = JSON.createObjectNode();
        String id = Integer.toHexString(emoji.codePointAt(0));
        line.put("id", id);
        line.put("emoji", emoji);
        line.put("file", "pictures/%s.png".formatted(id));
        ObjectNode captions = line.putObject("captions");
        ObjectNode keywords = line.putObject("keywords");
        for (String language : LANGUAGES) {
            EmojiNames.Name name = names.byLanguage().get(language).get(emoji);
            captions.put(language, name.label());
            var words = keywords.putArray(language);
            name.keywords().stream()
                    .filter(word -> !word.toLowerCase(Locale.ROOT).equals(name.label().toLowerCase(Locale.ROOT)))
                    .limit(KEYWORDS)
                    .forEach(words::add);
        }
        return line;
    }

    private static byte[] picture(String id, Map<String, byte[]> files) {
        byte[] plain = files.get("img/google/64/%s.png".formatted(id));
        return plain != null ? plain : files.get("img/google/64/%s-fe0f.png".formatted(id));
    }

    private static Path archive(Path packages, PackageArchive archive) {
        Path file = packages.resolve("%s-%s.tgz".formatted(archive.name(), archive.version()));
        archive.check(file);
        return file;
    }
}
