package mezzotint.cuda;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A bug to be planted into a shipped kernel.
 *
 * @param stem of the PTX that it changes
 * @param place the kernel inside the PTX, or the file of source
 * @param operations checks of operations whose name begins so are to kill it
 * @param bug what is wrong then
 * @param pattern what is replaced; in a PTX a regular expression within the kernel, in a source the very text
 * @param occurrence which match, from 1; 0 for all of them; a source has to have one match only
 * @param replacement with {@code $1} for groups of a regular expression
 */
record Mutant(
        String stem, String place, String operations, String bug, String pattern, int occurrence, String replacement) {

    /** A bug in the PTX of a kernel. */
    static Mutant ofPtx(
            String stem, String kernel, String operations, String bug, String pattern, int occurrence, String by) {
        return new Mutant(stem, kernel, operations, bug, pattern, occurrence, by);
    }

    /** A bug in a source, where the text that is wrong then stands once. */
    static Mutant ofSource(String stem, String file, String operations, String bug, String text, String by) {
        return new Mutant(stem, file, operations, bug, text, 1, by);
    }

    /** Whether it needs nvcc. */
    boolean isOfSource() {
        return place.endsWith(".cu") || place.endsWith(".cuh");
    }

    /** The text with the bug. */
    String plant(String text) {
        if (isOfSource()) {
            return replace(text, Pattern.compile(Pattern.quote(pattern)), replacement.replace("$", "\\$"));
        }
        int start = text.indexOf(".entry " + place + "(");
        int end = start < 0 ? -1 : text.indexOf("\n}\n", start);
        if (end < 0) {
            throw new AssertionError("%s: there is no kernel %s in %s.ptx any more".formatted(this, place, stem));
        }
        String kernel = replace(text.substring(start, end), Pattern.compile(pattern), replacement);
        return text.substring(0, start) + kernel + text.substring(end);
    }

    private String replace(String text, Pattern what, String by) {
        Matcher matches = what.matcher(text);
        long count = matches.results().count();
        if (count < Math.max(1, occurrence) || (isOfSource() && count > 1)) {
            throw new AssertionError("%s: `%s` stands %d times in %s; the kernel has changed: plant the bug anew"
                    .formatted(this, pattern, count, place));
        }
        int[] at = {0};
        String planted = matches.replaceAll(match -> {
            at[0]++;
            return occurrence == 0 || at[0] == occurrence ? by : Matcher.quoteReplacement(match.group());
        });
        if (planted.equals(text)) {
            throw new AssertionError(this + ": nothing has changed");
        }
        return planted;
    }

    @Override
    public String toString() {
        return "%s: %s".formatted(place, bug);
    }
}
