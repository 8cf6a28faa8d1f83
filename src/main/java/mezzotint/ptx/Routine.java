package mezzotint.ptx;

import java.util.ArrayList;
import java.util.List;

/** An entry or a device function. */
final class Routine {
    final String name;
    final boolean entry;
    final int line;
    /** Its parameters, and its results where it is a function: variables in the space {@code param}. */
    final List<Variable> parameters = new ArrayList<>();
    /** The types of its parameters as declared, for messages. */
    final List<Variable> results = new ArrayList<>();

    final List<Statement> statements = new ArrayList<>();
    final List<Variable> variables = new ArrayList<>();
    /** Largest number of threads of a block, 0 where it does not say. */
    int maxThreads;
    /** The number of threads that a block must have, 0 where it does not say. */
    int requiredThreads;

    boolean defined;

    Routine(String name, boolean entry, int line) {
        this.name = name;
        this.entry = entry;
        this.line = line;
    }
}
