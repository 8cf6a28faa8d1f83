package mezzotint.training.technique;

import java.util.List;
import java.util.Optional;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.prx.TokenRoute;
import mezzotint.tensor.TensorArena;

/**
 * What surrounds a step.
 *
 * @param ids of the B pictures
 * @param random numbers of this step; a term takes a stream of its own
 * @param route of the step, where there is one
 * @param blocks outputs that terms look at
 * @param patch side of a token in pixels
 * @param scratch room for networks without gradients; left as it was
 */
public record StepSurroundings(
        List<String> ids,
        PhiloxRandom random,
        Optional<TokenRoute> route,
        BlockOutputs blocks,
        int patch,
        TensorArena scratch) {}
