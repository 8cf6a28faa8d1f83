package mezzotint.cli.golden;

/** Comparisons that allow no difference. */
final class ExactComparison {
    private static final int SHOWN = 24;

    private ExactComparison() {}

    /** Compares strings, char by char. */
    static void strings(GoldenCase golden, String name, String actual, String expected) {
        ints(golden, name, actual.chars().toArray(), expected.chars().toArray());
    }

    /** Compares integers below 2²⁴ in magnitude. */
    static void ints(GoldenCase golden, String name, int[] actual, int[] expected) {
        golden.compare(name, floats(actual), floats(expected), 0);
    }

    /** A name that tells which text it is about. */
    static String name(String output, String text) {
        String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
        return output + " of \"" + start.replace("\n", "\\n").replace("\r", "\\r") + "\"";
    }

    private static float[] floats(int[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = values[i];
        }
        return floats;
    }
}
