package mezzotint.ablation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * One line of an ablation: what is changed, and what that is expected to do.
 *
 * @param name a short word for files, letters, digits, dots and dashes
 * @param title as the report shows it
 * @param change only the settings that differ from the logbook's base, as in a training configuration
 * @param against name of the variant it is compared with; empty for the baseline itself
 * @param expectation written before the run
 * @param published what others found
 */
public record Variant(
        String name,
        String title,
        ObjectNode change,
        Optional<String> against,
        Optional<Expectation> expectation,
        Optional<Published> published) {
    /** @throws InvalidLogbookException when the name would not do as the name of a folder */
    public Variant {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9.-]*")) {
            throw new InvalidLogbookException(
                    "variant name: expected letters, digits, dots and dashes, got \"" + name + "\"");
        }
        change = change.deepCopy();
    }

    /** Whether nothing is changed. */
    public boolean isBaseline() {
        return against.isEmpty();
    }
}
