package mezzotint.training.technique;

import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * Pushes each prediction away from another picture's target.
 *
 * <pre>−λ · mean((prediction_b − target_{b−1})²)</pre>
 *
 * The first picture is contrasted with the last one's target; a batch of one has no other.
 *
 * @param lambda λ, at least 0; 0.05 in PRX
 * @see <a href="https://arxiv.org/abs/2506.05350">Stoica et al. 2025, eq. 6</a>
 */
public record ContrastiveFlowMatching(float lambda) implements LossTerm {
    @Override
    public String name() {
        return "contrastive";
    }

    @Override
    public Optional<Tensor> value(Tape tape, TrainedStep step) {
        long batch = step.target().shape().dim(0);
        if (batch == 1) {
            return Optional.empty();
        }
        Tensor others = tape.allocate(step.target().shape(), step.target().dtype());
        others.rows(0, 1).copyFrom(step.target().rows(batch - 1, batch));
        others.rows(1, batch).copyFrom(step.target().rows(0, batch - 1));
        return Optional.of(Means.of(tape, tape.meanSquare(step.predicted(), others), -lambda));
    }
}
