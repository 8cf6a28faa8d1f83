package mezzotint.training.technique;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * Another teacher's features, kept by picture: for data whose pictures are always the same, not mirrored or moved.
 *
 * <p>Keeps so many as fit; a batch with a picture that is not kept goes to the other teacher whole. Not safe for several threads.
 */
public final class RememberingTeacher implements TeacherFeatures {
    private static final long MOST_FLOATS = 64L << 20; // 256 MiB

    private final TeacherFeatures other;
    private final Map<String, float[]> kept = new HashMap<>();
    private long floats;

    /** @param other whose features of a picture depend on the picture alone */
    public RememberingTeacher(TeacherFeatures other) {
        this.other = other;
    }

    @Override
    public int width() {
        return other.width();
    }

    @Override
    public Tensor of(Tape tape, TrainedStep step) {
        List<String> ids = step.around().ids();
        if (!kept.keySet().containsAll(ids)) {
            Tensor features = other.of(tape, step);
            for (int b = 0; b < ids.size(); b++) {
                keep(ids.get(b), features.rows(b, b + 1));
            }
            return features;
        }
        Tensor features = tape.allocate(ids.size(), (long) step.rows() * step.columns(), width());
        for (int b = 0; b < ids.size(); b++) {
            features.rows(b, b + 1).set(kept.get(ids.get(b)));
        }
        return features;
    }

    private void keep(String id, Tensor features) {
        long size = features.shape().elements();
        if (floats + size <= MOST_FLOATS && !kept.containsKey(id)) {
            kept.put(id, features.toFloats());
            floats += size;
        }
    }
}
