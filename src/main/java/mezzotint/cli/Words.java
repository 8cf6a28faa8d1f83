package mezzotint.cli;

import java.util.Locale;

/** Texts for shells, files and people. */
final class Words {
    private static final int LONGEST_NAME = 48;

    private Words() {}

    /** As it would be typed into a shell. */
    static String quoted(Object argument) {
        String text = argument.toString();
        return text.matches("[\\w@%+=:,./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /** A text as a YAML scalar. */
    static String yaml(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** A file name made from a prompt: letters and digits of any script, the rest hyphens. */
    static String fileName(String prompt) {
        String name = prompt.toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{M}\\p{N}]+", "-")
                .replaceAll("^-+|-+$", "");
        if (name.codePointCount(0, name.length()) > LONGEST_NAME) {
            name = name.substring(0, name.offsetByCodePoints(0, LONGEST_NAME)).replaceAll("-+$", "");
        }
        return name.isEmpty() ? "picture" : name;
    }

    /** A share in whole per cent, such as {@code 98 %}. */
    static String percent(double share) {
        return "%d %%".formatted((int) Math.floor(100 * share + 1e-9));
    }
}
