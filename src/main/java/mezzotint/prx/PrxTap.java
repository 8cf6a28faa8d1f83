package mezzotint.prx;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** Looks on while the denoiser runs; what it computes on the tape is differentiated like everything else. */
@FunctionalInterface
public interface PrxTap {
    /** Does nothing. */
    PrxTap NONE = (tape, place, tensor) -> {};

    /** Where a tensor was seen. */
    sealed interface Place {
        /** Patch embeddings (B, L, D). */
        record PatchEmbedding() implements Place {}

        /** Time vector before resolution is added (B, D). */
        record TimeVector() implements Place {}

        /** Resolution vector (B, D). */
        record ResolutionVector() implements Place {}

        /**
         * Image tokens after a block (B, L, D); of a {@link TokenRoute} only the visible ones (B, V, D).
         *
         * @param index 0 for the first block
         */
        record Block(int index) implements Place {}
    }

    /** Called with every tensor in the order of the forward pass. */
    void see(Tape tape, Place place, Tensor tensor);
}
