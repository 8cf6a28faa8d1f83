package mezzotint.ablation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** A line of a logbook's record. */
public sealed interface RunRecord {
    /** Which run it is about. */
    RunKey key();

    /** What the run was made of. */
    Provenance provenance();

    /**
     * Where a run's numbers come from.
     *
     * @param commit of the library, with {@code +changes} where the sources differ from it; {@code unknown} outside a
     *     repository
     * @param configHash SHA-256 of the whole configuration and the judging, in hexadecimal
     * @param change only the settings that differ from the logbook's base
     * @param machine processor, cores and Java
     * @param time when the line was written, ISO 8601, UTC
     */
    record Provenance(String commit, String configHash, ObjectNode change, String machine, String time) {}

    /** Written before the run begins, with what is expected of it. */
    record Planned(RunKey key, Provenance provenance, Optional<Expectation> expectation) implements RunRecord {}

    /** A run that came to its end. */
    record Finished(RunKey key, Provenance provenance, RunResult result) implements RunRecord {}

    /**
     * A run that did not.
     *
     * @param reason a sentence
     */
    record Failed(RunKey key, Provenance provenance, String reason) implements RunRecord {}
}
