package mezzotint.autograd;

import java.util.Optional;
import mezzotint.tensor.Tensor;

/** A named tensor of a model that outlives the tape; trainable when it has somewhere to keep its gradient. */
public final class Parameter {
    private final String name;
    private final Tensor value;
    private final Tensor gradient;

    private Parameter(String name, Tensor value, Tensor gradient) {
        this.name = name;
        this.value = value;
        this.gradient = gradient;
    }

    /** A parameter whose gradient is added into {@code gradient}, a float32 tensor of the value's shape. */
    public static Parameter trainable(String name, Tensor value, Tensor gradient) {
        if (!value.shape().equals(gradient.shape())) {
            throw new mezzotint.tensor.ShapeMismatchException(
                    "parameter %s: value %s, gradient %s", name, value.shape(), gradient.shape());
        }
        return new Parameter(name, value, gradient);
    }

    /** A parameter that is never changed. */
    public static Parameter frozen(String name, Tensor value) {
        return new Parameter(name, value, null);
    }

    /** Name in checkpoints, such as {@code blocks.0.attention.img_qkv_proj.weight}. */
    public String name() {
        return name;
    }

    /** The weights, F32 or BF16. */
    public Tensor value() {
        return value;
    }

    /** Sum of the gradients since it was last set to zero; empty for a frozen parameter. */
    public Optional<Tensor> gradient() {
        return Optional.ofNullable(gradient);
    }

    /** Whether there is a gradient. */
    public boolean isTrainable() {
        return gradient != null;
    }

    Tensor gradientOrNull() {
        return gradient;
    }

    @Override
    public String toString() {
        return name + value.shape();
    }
}
