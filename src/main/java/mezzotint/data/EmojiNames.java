package mezzotint.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Short names and keywords of emoji by language: CLDR's, and emojibase's where CLDR's base set has none. */
final class EmojiNames {
    private static final JsonMapper JSON = new JsonMapper();
    // languages and scripts, not regions, whose files hold only what differs
    private static final Pattern CLDR = Pattern.compile("annotations/([a-z]{2,3}(?:-[A-Z][a-z]{3})?)/annotations\\.json");
    private static final Pattern EMOJIBASE = Pattern.compile("([a-z]{2,3}(?:-hant)?)/compact\\.json");

    /** A short name and further keywords. */
    record Name(String label, List<String> keywords) {}

    private final SortedMap<String, Map<String, Name>> byLanguage = new TreeMap<>();

    private EmojiNames() {}

    /** Reads CLDR's annotations. */
    static EmojiNames ofCldr(Path archive) {
        EmojiNames names = new EmojiNames();
        PackageArchive cldr = PackageArchive.CLDR;
        cldr.read(archive, path -> CLDR.matcher(path).matches(), (path, bytes) -> {
            Map<String, Name> found = names.in(language(CLDR, path));
            JsonNode all = json(cldr, path, bytes).path("annotations").path("annotations");
            for (var entry : all.properties()) {
                JsonNode label = entry.getValue().path("tts").path(0);
                if (label.isTextual()) {
                    List<String> keywords = new ArrayList<>();
                    entry.getValue().path("default").forEach(word -> keywords.add(word.asText()));
                    keywords.remove(label.textValue());
                    found.put(plain(entry.getKey()), new Name(label.textValue(), List.copyOf(keywords)));
                }
            }
        });
        return names;
    }

    /** Adds emojibase's names where there is none yet. */
    EmojiNames withEmojibase(Path archive) {
        PackageArchive emojibase = PackageArchive.EMOJIBASE;
        emojibase.read(archive, path -> EMOJIBASE.matcher(path).matches(), (path, bytes) -> {
            Map<String, Name> found = in(language(EMOJIBASE, path));
            for (JsonNode emoji : json(emojibase, path, bytes)) {
                List<String> keywords = new ArrayList<>();
                emoji.path("tags").forEach(tag -> keywords.add(tag.asText()));
                String label = emoji.path("label").asText();
                found.putIfAbsent(plain(emoji.path("unicode").asText()), new Name(label, keywords));
            }
        });
        return this;
    }

    /** Every language → its names, by emoji without variation selectors. */
    SortedMap<String, Map<String, Name>> byLanguage() {
        return byLanguage;
    }

    /** An emoji without its variation selectors, which the sources set differently. */
    static String plain(String emoji) {
        return emoji.replace("\ufe0f", "").replace("\ufe0e", "");
    }

    static JsonNode json(PackageArchive archive, String path, byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            throw archive.bad("file %s is no JSON".formatted(path));
        }
    }

    private Map<String, Name> in(String language) {
        return byLanguage.computeIfAbsent(language, key -> new HashMap<>());
    }

    private static String language(Pattern pattern, String path) {
        Matcher matcher = pattern.matcher(path);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(path);
        }
        return switch (matcher.group(1)) {
            case "nb" -> "no"; // CLDR's tag for Norwegian Bokmål
            case "zh-hant" -> "zh-Hant";
            default -> matcher.group(1);
        };
    }
}
