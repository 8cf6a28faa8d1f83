package mezzotint.training.technique;

import java.util.Optional;
import java.util.OptionalInt;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** Something added to the flow-matching loss. */
public interface LossTerm {
    /** Its word in logs, such as {@code repa}. */
    String name();

    /** The block whose output it looks at, 0 for the first; empty for a term that looks at none. */
    default OptionalInt block() {
        return OptionalInt.empty();
    }

    /** Factor on {@link #value} in the loss; the log has the value without it. */
    default float weight() {
        return 1f;
    }

    /**
     * The term of a step, (1); empty where it has nothing to say.
     *
     * @throws MissingFeaturesException when something it looks at is not there
     */
    Optional<Tensor> value(Tape tape, TrainedStep step);
}
