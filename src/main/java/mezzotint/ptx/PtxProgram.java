package mezzotint.ptx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A PTX text that has been read: its kernels, functions and variables. */
public final class PtxProgram {
    private final String name;
    final Map<String, Routine> routines = new LinkedHashMap<>();
    final Scope scope = new Scope(null);
    final List<Variable> variables = new java.util.ArrayList<>();
    final LineTable lines = new LineTable();

    PtxProgram(String name) {
        this.name = name;
    }

    /**
     * Reads a PTX text.
     *
     * @param name for messages: the file's stem
     * @throws PtxSyntaxException when the text is malformed or cut short
     */
    public static PtxProgram parse(String name, String ptx) {
        return new PtxParser(name, ptx).parse();
    }

    /** The file's stem. */
    public String name() {
        return name;
    }

    /** The names of the kernels, in the order of the text. */
    public List<String> entries() {
        return routines.values().stream()
                .filter(routine -> routine.entry)
                .map(routine -> routine.name)
                .toList();
    }
}
