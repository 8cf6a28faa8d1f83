package mezzotint.vision;

import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/**
 * A block of a vision transformer, normalised first.
 *
 * <pre>x ← x + λ₁ ⊙ attention(norm₁(x)),   x ← x + λ₂ ⊙ mlp(norm₂(x))</pre>
 *
 * @param scale1 λ₁ (D), of LayerScale
 * @param scale2 λ₂ (D)
 * @see <a href="https://arxiv.org/abs/2010.11929">Dosovitskiy et al. 2021, eq. 2 and 3</a>
 * @see <a href="https://arxiv.org/abs/2103.17239">Touvron et al. 2021, eq. 5 (LayerScale)</a>
 */
record VitBlock(
        VitNorm norm1,
        VitAttention attention,
        Optional<Parameter> scale1,
        VitNorm norm2,
        VitMlp mlp,
        Optional<Parameter> scale2) {

    /** x (B, N, D) → the same shape. */
    Tensor apply(Tape tape, Tensor x, Optional<Tensor> rope) {
        Tensor y = tape.add(x, scaled(tape, attention.apply(tape, norm1.apply(tape, x), rope), scale1));
        return tape.add(y, scaled(tape, mlp.apply(tape, norm2.apply(tape, y)), scale2));
    }

    private static Tensor scaled(Tape tape, Tensor x, Optional<Parameter> scale) {
        return scale.map(s -> tape.encoders().scaleShift(x, s, null)).orElse(x);
    }
}
