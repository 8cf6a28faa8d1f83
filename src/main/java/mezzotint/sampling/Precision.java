package mezzotint.sampling;

import java.util.Locale;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.Tensor;

/**
 * What the numbers between the networks of a pipeline are rounded to; inside a network they are float32 whatever this is.
 */
public enum Precision {
    /** Not at all. */
    FLOAT32,
    /** As where every part of a diffusers pipeline is loaded in bfloat16: weights, states, noise, outputs, x_t. */
    BFLOAT16;

    /** {@code float32} or {@code bfloat16}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Rounds in place; returns the array. */
    public float[] round(float[] values) {
        if (this == BFLOAT16) {
            for (int i = 0; i < values.length; i++) {
                values[i] = BFloat16.toFloat(BFloat16.fromFloat(values[i]));
            }
        }
        return values;
    }

    /** Rounds in place. */
    void round(Tensor tensor) {
        if (this == BFLOAT16) {
            tensor.set(round(tensor.toFloats()));
        }
    }
}
