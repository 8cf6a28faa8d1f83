package mezzotint.ptx;

/**
 * A word, a string or a sign of a PTX text.
 *
 * @param kind {@code w} word, {@code n} number, {@code s} string, {@code e} end; otherwise the sign itself
 * @param start its first character in the text
 * @param end past its last
 */
record Token(char kind, String text, int line, int start, int end) {
    static final char WORD = 'w';
    static final char NUMBER = 'n';
    static final char STRING = 's';
    static final char END = 'e';

    boolean is(String expected) {
        return text.equals(expected) && kind != STRING;
    }
}
