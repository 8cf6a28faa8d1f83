package mezzotint.training.technique;

import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.nn.NamedTensors;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Features computed before, a tensor (L, D) per picture under its id; the pictures must not be mirrored or moved.
 *
 * @param stored open for as long as this is used
 * @param width D
 */
public record PrecomputedTeacher(NamedTensors stored, int width) implements TeacherFeatures {
    /**
     * Features whose width is that of the first.
     *
     * @throws MissingFeaturesException when there are none
     */
    public static PrecomputedTeacher of(NamedTensors stored) {
        String first = stored.names().stream()
                .findFirst()
                .orElseThrow(() -> new MissingFeaturesException("teacher features in " + stored + ": there are none"));
        return new PrecomputedTeacher(stored, stored.shape(first).size(-1));
    }

    @Override
    public Tensor of(Tape tape, TrainedStep step) {
        List<String> ids = step.around().ids();
        Shape wanted = Shape.of((long) step.rows() * step.columns(), width);
        Tensor features = tape.allocate(ids.size(), wanted.dim(0), width);
        for (int b = 0; b < ids.size(); b++) {
            String id = ids.get(b);
            if (!stored.names().contains(id) || !stored.shape(id).equals(wanted)) {
                throw new MissingFeaturesException("teacher features of picture %s in %s: expected %s, %s"
                        .formatted(
                                id,
                                stored,
                                wanted,
                                stored.names().contains(id) ? "got " + stored.shape(id) : "there are none"));
            }
            features.rows(b, b + 1).set(stored.values(id));
        }
        return features;
    }
}
