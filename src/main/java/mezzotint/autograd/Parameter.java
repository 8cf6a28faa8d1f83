package mezzotint.autograd;

import java.util.Optional;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * A named tensor of a model that outlives the tape; trainable when it has somewhere to keep its gradient.
 *
 * <p>A frozen one may get its tensor after the model was made, once: weights read where their file is mapped lie somewhere
 * only when the file is known.
 */
public final class Parameter {
    private final String name;
    private final Shape shape;
    private final Tensor gradient;
    private Tensor value;

    private Parameter(String name, Shape shape, Tensor value, Tensor gradient) {
        this.name = name;
        this.shape = shape;
        this.value = value;
        this.gradient = gradient;
    }

    /** A parameter whose gradient is added into {@code gradient}, a float32 tensor of the value's shape. */
    public static Parameter trainable(String name, Tensor value, Tensor gradient) {
        if (!value.shape().equals(gradient.shape())) {
            throw new ShapeMismatchException(
                    "parameter %s: value %s, gradient %s", name, value.shape(), gradient.shape());
        }
        return new Parameter(name, value.shape(), value, gradient);
    }

    /** A parameter that is never changed. */
    public static Parameter frozen(String name, Tensor value) {
        return new Parameter(name, value.shape(), value, null);
    }

    /** A parameter that gets its value later and is then never changed. */
    public static Parameter late(String name, Shape shape) {
        return new Parameter(name, shape, null, null);
    }

    /**
     * Gives a {@linkplain #late late} parameter its value.
     *
     * @throws ShapeMismatchException when the value has another shape
     * @throws IllegalStateException when it has a value
     */
    public void bind(Tensor late) {
        if (value != null) {
            throw new IllegalStateException("parameter " + name + " has a value already");
        }
        if (!late.shape().equals(shape)) {
            throw new ShapeMismatchException("parameter %s: expected a value %s, got %s", name, shape, late.shape());
        }
        value = late;
    }

    /** Its extents, known before its value. */
    public Shape shape() {
        return shape;
    }

    /** Name in checkpoints, such as {@code blocks.0.attention.img_qkv_proj.weight}. */
    public String name() {
        return name;
    }

    /**
     * The weights, F32, BF16 or F16.
     *
     * @throws IllegalStateException when they were not loaded
     */
    public Tensor value() {
        if (value == null) {
            throw new IllegalStateException("parameter " + name + " has no value; load the weights first");
        }
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
        return name + shape;
    }
}
