package mezzotint.data;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A picture, not yet decoded, with its captions in any number of languages.
 *
 * @param id unique in its data set, such as the file's path
 * @param picture loads the pixels
 * @param captions BCP 47 language tag → one or more captions; {@link #UNDETERMINED} where the language is not known
 */
public record CaptionedImage(String id, PictureSource picture, Map<String, List<String>> captions) {
    /** The language tag of captions whose language is not known. */
    public static final String UNDETERMINED = "und";

    /** Copies the captions, sorted by language so that their order is the same in every run. */
    public CaptionedImage {
        if (id.isBlank()) {
            throw new IllegalArgumentException("a captioned picture wants an id");
        }
        if (captions.isEmpty()) {
            throw new IllegalArgumentException("picture %s has no caption".formatted(id));
        }
        SortedMap<String, List<String>> sorted = new TreeMap<>();
        for (var entry : captions.entrySet()) {
            if (entry.getValue().isEmpty() || entry.getValue().stream().anyMatch(String::isBlank)) {
                throw new IllegalArgumentException(
                        "picture %s has a blank caption in language %s".formatted(id, entry.getKey()));
            }
            sorted.put(entry.getKey(), List.copyOf(entry.getValue()));
        }
        captions = Collections.unmodifiableSortedMap(sorted);
    }
}
