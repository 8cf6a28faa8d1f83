package mezzotint.training.technique;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import mezzotint.autograd.Tape;
import mezzotint.prx.PrxTap;
import mezzotint.tensor.Tensor;

/** Keeps the outputs of the blocks that terms of the loss look at, for as long as the step's tape. */
public final class BlockOutputs implements PrxTap {
    private final Set<Integer> wanted = new TreeSet<>();
    private final Map<Integer, Tensor> seen = new HashMap<>();

    /** Nothing seen yet of what {@code terms} ask for. */
    public BlockOutputs(List<LossTerm> terms) {
        terms.forEach(term -> term.block().ifPresent(wanted::add));
    }

    @Override
    public void see(Tape tape, Place place, Tensor tensor) {
        if (place instanceof Place.Block(int index) && wanted.contains(index)) {
            seen.put(index, tensor);
        }
    }

    /**
     * Image tokens after a block, (B, L, D); on a route only the visible ones.
     *
     * @throws MissingFeaturesException when the block has not run
     */
    public Tensor of(int block) {
        Tensor output = seen.get(block);
        if (output == null) {
            throw new MissingFeaturesException(
                    "output of block %d: expected the denoiser to have run with this tap, it saw blocks %s"
                            .formatted(block, new TreeSet<>(seen.keySet())));
        }
        return output;
    }
}
