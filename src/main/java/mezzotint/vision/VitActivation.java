package mezzotint.vision;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** Between the two layers of a vision transformer's MLP, by its name in configurations. */
enum VitActivation {
    GELU("gelu") {
        @Override
        Tensor apply(Tape tape, Tensor x) {
            return tape.gelu(x);
        }
    },
    QUICK_GELU("quick_gelu") {
        @Override
        Tensor apply(Tape tape, Tensor x) {
            return tape.encoders().quickGelu(x);
        }
    },
    GELU_TANH("gelu_pytorch_tanh") {
        @Override
        Tensor apply(Tape tape, Tensor x) {
            return tape.encoders().geluTanh(x);
        }
    },
    SILU("silu") {
        @Override
        Tensor apply(Tape tape, Tensor x) {
            return tape.silu(x);
        }
    };

    private final String published;

    VitActivation(String published) {
        this.published = published;
    }

    abstract Tensor apply(Tape tape, Tensor x);

    static Optional<VitActivation> of(String name) {
        return Arrays.stream(values()).filter(a -> a.published.equals(name)).findFirst();
    }

    static List<String> names() {
        return Arrays.stream(values()).map(a -> a.published).toList();
    }
}
