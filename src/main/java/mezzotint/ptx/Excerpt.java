package mezzotint.ptx;

/** A piece of a PTX text, cut out when somebody wants to read it. */
record Excerpt(String text, int start, int end) {

    static Excerpt of(String text) {
        return new Excerpt(text, 0, text.length());
    }

    @Override
    public String toString() {
        return text.substring(start, end).replaceAll("\\s+", " ");
    }
}
