package mezzotint.training.technique;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** What a frozen network sees in the clean pictures of a step, token by token. */
public interface TeacherFeatures {
    /** D. */
    int width();

    /**
     * Features on the denoiser's own grid, (B, L, D); no gradient flows through them.
     *
     * @throws MissingFeaturesException when it has none for a picture
     */
    Tensor of(Tape tape, TrainedStep step);
}
