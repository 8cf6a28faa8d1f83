package mezzotint.cli;

import java.io.PrintStream;
import java.io.PrintWriter;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err progress and mistakes
 * @param terminal whether a person watches {@code err}, so that a bar may move there
 */
record Console(PrintWriter out, PrintWriter err, boolean terminal) {
    /** The process's own. */
    static Console ofProcess() {
        return new Console(writer(System.out), writer(System.err), isTerminal());
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    private static boolean isTerminal() {
        java.io.Console console = System.console();
        return console != null && console.isTerminal();
    }
}
