package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** A part of an autoencoder, from a picture (B, height, width, C) to another. */
interface Layer {
    Tensor forward(Tape tape, Tensor x);

    /** Sizes of the result for a picture of these sizes. */
    Extent out(Extent in);

    /** The most bytes that {@link #forward} takes on a tape that does not record, its result included. */
    long peak(Extent in);
}
