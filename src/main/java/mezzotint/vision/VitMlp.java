package mezzotint.vision;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** The second half of a transformer's block, (B, N, D) → (B, N, D). */
@FunctionalInterface
interface VitMlp {
    Tensor apply(Tape tape, Tensor x);

    /** <pre>W₂ · act(W₁ · x)</pre> */
    static VitMlp plain(VitLinear up, VitActivation activation, VitLinear down) {
        return (tape, x) -> down.apply(tape, activation.apply(tape, up.apply(tape, x)));
    }

    /** <pre>W₃ · (act(W₁ · x) ⊙ W₂ · x)</pre> */
    static VitMlp gated(VitLinear gate, VitActivation activation, VitLinear up, VitLinear down) {
        return (tape, x) -> down.apply(
                tape, tape.encoders().multiply(activation.apply(tape, gate.apply(tape, x)), up.apply(tape, x)));
    }

    /** <pre>[a | b] = W₁ · x,   W₂ · (silu(a) ⊙ b)</pre> with one matrix for both halves. */
    static VitMlp swiglu(VitLinear in, VitLinear out) {
        return (tape, x) -> {
            Tensor[] halves = tape.chunk(in.apply(tape, x), 2);
            return out.apply(tape, tape.encoders().multiply(tape.silu(halves[0]), halves[1]));
        };
    }
}
