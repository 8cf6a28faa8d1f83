package mezzotint.ptx;

/** A place in a routine, perhaps named before it is reached. */
final class Label {
    final String name;
    boolean placed;
    /** Index of the statement it stands before. */
    int statement;

    Label(String name) {
        this.name = name;
    }
}
