package mezzotint.training.technique;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import mezzotint.autograd.LossOperations;
import mezzotint.autograd.Tape;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * REPA: a block's tokens, projected, point where a vision encoder's do.
 *
 * <pre>−λ · mean over pictures and tokens of cos(projector(features), target)</pre>
 *
 * On a route that covers the block only the visible tokens count. With {@code normalize} it is iREPA.
 *
 * @param lambda λ; 0.5 in PRX
 * @param index of the block, 0 for the first; 7 of 16 in PRX
 * @param projector into the teacher's space
 * @param normalize whether {@link SpatialNormalization} comes before the comparison
 * @param teacher where targets come from
 * @see <a href="https://arxiv.org/abs/2410.06940">Yu et al. 2024, eq. 8</a>
 * @see <a href="https://arxiv.org/abs/2512.10794">Singh et al. 2025, iREPA</a>
 */
public record RepresentationAlignment(
        float lambda, int index, AlignmentProjector projector, boolean normalize, TeacherFeatures teacher)
        implements LossTerm {
    private static final float EPS = 1e-8f;

    @Override
    public String name() {
        return "repa";
    }

    @Override
    public OptionalInt block() {
        return OptionalInt.of(index);
    }

    @Override
    public Optional<Tensor> value(Tape tape, TrainedStep step) {
        Tensor features = step.around().blocks().of(index);
        Optional<int[][]> visible = step.around()
                .route()
                .filter(route -> route.covers(index) && route.routed()[0].length > 0)
                .map(route -> route.visible());
        var grid = new AlignmentProjector.Grid(step.rows(), step.columns());
        return Optional.of(loss(tape, features, teacher.of(tape, step), grid, visible));
    }

    /**
     * The term for given features and targets.
     *
     * @param features (B, N, h): all tokens, or the visible ones
     * @param target (B, L, D), all tokens
     * @param visible (B, N) where only some tokens are there
     * @return (1)
     */
    public Tensor loss(
            Tape tape, Tensor features, Tensor target, AlignmentProjector.Grid grid, Optional<int[][]> visible) {
        Tensor wanted = normalize ? SpatialNormalization.of(tape, target) : target;
        if (visible.isPresent()) {
            int[][] rows = visible.get();
            int[] flat = Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
            wanted = tape.gather(
                    wanted,
                    tape.allocate(Shape.of(rows.length, rows[0].length), DType.I32)
                            .set(flat));
        }
        Tensor projected = projector.project(tape, features, grid, visible);
        if (!projected.shape().equals(wanted.shape())) {
            throw new ShapeMismatchException(
                    "REPA: projected tokens %s, the teacher's %s", projected.shape(), wanted.shape());
        }
        long width = projected.shape().dim(2);
        long tokens = projected.shape().elements() / width;
        Tensor similarity = new LossOperations(tape)
                .cosineSimilarity(projected.view(tokens, width), wanted.view(tokens, width), EPS);
        return Means.of(tape, similarity, -lambda);
    }
}
