package mezzotint.data;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A thing of the starter set.
 *
 * @param id code point in lower-case hexadecimal, such as {@code 1f353}
 * @param emoji the character
 * @param labels language tag → CLDR short name
 * @param keywords language tag → up to three further CLDR keywords, often shared with other concepts
 */
public record Concept(String id, String emoji, Map<String, String> labels, Map<String, List<String>> keywords) {
    /** Copies the maps, sorted by language. */
    public Concept {
        labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
        keywords = Collections.unmodifiableSortedMap(new TreeMap<>(keywords));
    }
}
