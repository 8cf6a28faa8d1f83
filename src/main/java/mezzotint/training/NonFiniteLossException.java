package mezzotint.training;

/** Loss or gradient stopped being a number; the weights are those before the step. */
public final class NonFiniteLossException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NonFiniteLossException(long step, double loss, double norm, long skipped) {
        super(("step %d: loss %s, gradient norm %s; the step was not taken%s."
                        + " Lower the learning rate or set optimizer.clip, and resume from the last checkpoint")
                .formatted(
                        step,
                        loss,
                        norm,
                        skipped == 0 ? "" : ", and %d before it were left out already".formatted(skipped)));
    }
}
