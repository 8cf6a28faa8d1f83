package mezzotint.training.technique;

import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** Maps a denoiser's tokens into a teacher's space. */
public sealed interface AlignmentProjector permits MlpProjector, AttentionProjector, ConvolutionProjector {
    /**
     * The projected tokens.
     *
     * @param features (B, N, h): all tokens of the grid, or the visible ones
     * @param grid of all tokens
     * @param visible (B, N) indices where only some are there
     * @return (B, N, D)
     */
    Tensor project(Tape tape, Tensor features, Grid grid, Optional<int[][]> visible);

    /**
     * Tokens of a picture.
     *
     * @param rows of tokens
     * @param columns of tokens
     */
    record Grid(int rows, int columns) {}
}
