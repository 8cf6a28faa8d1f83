package mezzotint.cli;

/** What the process's exit status says. */
final class ExitCode {
    /** Done. */
    static final int OK = 0;
    /** A comparison or a target failed. */
    static final int FAILED = 1;
    /** The user's mistake, or the system refused. */
    static final int MISTAKE = 2;
    /** A bug of ours. */
    static final int BUG = 70;
    /** Ended by Ctrl-C, as shells expect it: 128 + SIGINT. */
    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
