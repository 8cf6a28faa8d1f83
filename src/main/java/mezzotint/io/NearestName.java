package mezzotint.io;

import java.util.Collection;
import java.util.Comparator;

/** What somebody may have meant by a name that does not exist. */
public final class NearestName {
    private NearestName() {}

    /**
     * The known name with the fewest single-letter edits, where letters that an unfinished name lacks cost nothing; the first of
     * several.
     *
     * @param known at least one name
     * @throws java.util.NoSuchElementException when there is none
     * @see <a href="https://nymity.ch/sybilhunting/pdf/Levenshtein1966a.pdf">Levenshtein 1966</a>
     */
    public static String of(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(other -> edits(name, other) - Math.max(0, other.length() - name.length())))
                .orElseThrow();
    }

    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
