package mezzotint.latent;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;

/** The activation functions that these autoencoders are made with; diffusers has their names in small letters. */
public enum Activation {
    /** <pre>y = x · σ(x)</pre> */
    SILU {
        @Override
        Tensor of(Tape tape, Tensor x) {
            return tape.silu(x);
        }
    },
    /** <pre>y = max(x, 0)</pre> */
    RELU {
        @Override
        Tensor of(Tape tape, Tensor x) {
            return tape.encoders().relu(x);
        }
    };

    abstract Tensor of(Tape tape, Tensor x);

    /** Its name in files. */
    String key() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    static Activation named(String key) {
        return valueOf(key.toUpperCase(java.util.Locale.ROOT));
    }
}
