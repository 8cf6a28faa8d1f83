package mezzotint.training;

/** Weights or optimizer state stopped being numbers, and so were not written to a checkpoint. */
public final class NonFiniteStateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NonFiniteStateException(String file, String tensor, int index, float value) {
        super(("%s: %s has %s at %d, so this checkpoint was not written."
                        + " Lower the learning rate and resume from the last checkpoint")
                .formatted(file, tensor, value, index));
    }
}
