package mezzotint.benchmarks;

/** One implementation's repeated unit of work: a training step or a sampling step. */
public interface Step extends AutoCloseable {
    /** Does the work once. */
    void run();

    /** The loss of the last training step, or the root mean square of the picture after the last sampling step. */
    float figure();

    /** What ran, in words: library, version, choices that matter to speed. */
    String describe();

    @Override
    void close();
}
