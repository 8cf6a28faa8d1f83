package mezzotint.autograd;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Runs operations and, when it records, remembers how to differentiate them.
 *
 * <p>Every operation checks its shapes, allocates its output from the activations arena and runs at once. Closing the tape
 * frees everything allocated through it. A tensor needs a gradient when it was made from a trainable {@link Parameter} or
 * from a {@linkplain #watch watched} tensor; nothing else is recorded. Legend: see {@link Kernels}.
 */
public final class Tape implements AutoCloseable {
    private final Kernels kernels;
    final TensorArena activations;
    final TensorArena gradients;
    private final boolean recording;
    private final Tape outer;
    private final long activationsMark;
    private final long gradientsMark;
    private final List<Runnable> steps = new ArrayList<>();
    private final GradientSlots slots;
    private final Set<Tensor> tracked = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Set<Tensor> captured = Collections.newSetFromMap(new IdentityHashMap<>());

    private Tape(Kernels kernels, TensorArena activations, TensorArena gradients, boolean recording, Tape outer) {
        this.kernels = kernels;
        this.activations = activations;
        this.gradients = gradients;
        this.recording = recording;
        this.outer = outer;
        this.slots = new GradientSlots(this, gradients);
        this.activationsMark = activations.mark();
        this.gradientsMark = gradients.mark();
    }

    /**
     * A tape that records.
     *
     * @param activations where outputs go
     * @param gradients where gradients and recomputed activations go; another arena
     */
    public static Tape recording(Kernels kernels, TensorArena activations, TensorArena gradients) {
        return new Tape(kernels, activations, gradients, true, null);
    }

    /** A tape that only runs: for sampling and evaluation. */
    public static Tape inference(Kernels kernels, TensorArena activations) {
        return new Tape(kernels, activations, activations, false, null);
    }

    /** Whether operations are remembered. */
    public boolean isRecording() {
        return recording;
    }

    /** The kernels operations run on. */
    public Kernels kernels() {
        return kernels;
    }

    /** A float32 tensor with undefined contents that lives as long as the tape. */
    public Tensor allocate(long... dims) {
        return activations.allocate(dims);
    }

    /** A tensor with undefined contents that lives as long as the tape. */
    public Tensor allocate(Shape shape, DType dtype) {
        return activations.allocate(shape, dtype);
    }

    /** A float32 tensor with the given contents that lives as long as the tape. */
    public Tensor constant(float[] values, long... dims) {
        return activations.allocate(dims).set(values);
    }

    /** Asks for the gradient of a tensor that no operation made, such as an input; returns it. */
    public Tensor watch(Tensor leaf) {
        if (recording) {
            tracked.add(leaf.root());
        }
        return leaf;
    }

    /** The same values under another identity, through which no gradient flows. */
    public Tensor detach(Tensor x) {
        Tensor copy = activations.allocate(x.shape(), x.dtype());
        return copy.copyFrom(x);
    }

    /**
     * The gradient of a watched or computed tensor after {@link #backward}; zeros when nothing depended on it.
     *
     * @throws IllegalArgumentException when the tensor does not need a gradient on this tape
     */
    public Tensor gradient(Tensor x) {
        Tensor slot = slot(x);
        if (slot == null) {
            throw new IllegalArgumentException(
                    "gradient: " + x + " neither comes from a trainable parameter nor was watched on this tape");
        }
        return slot;
    }

    /**
     * Adds the gradients of {@code loss}, a one-element tensor, into parameters and watched tensors.
     *
     * @throws ShapeMismatchException when the loss has not one element
     * @throws IllegalStateException when this tape does not record
     */
    public void backward(Tensor loss) {
        if (loss.shape().elements() != 1) {
            throw new ShapeMismatchException("backward: loss %s, expected one element", loss.shape());
        }
        backward(loss, activations.allocate(loss.shape(), DType.F32).set(1f));
    }

    /**
     * Adds the gradients of Σ output·gradOutput into parameters and watched tensors.
     *
     * @throws ShapeMismatchException when the shapes differ
     * @throws IllegalStateException when this tape does not record
     */
    public void backward(Tensor output, Tensor gradOutput) {
        if (!recording) {
            throw new IllegalStateException("backward: this tape does not record; open it with Tape.recording");
        }
        Checks.same("backward", "gradient", gradOutput, "output", output);
        Tensor slot = slot(output);
        if (slot != null) {
            kernels.pointwise().addScaled(slot, gradOutput, 1f);
        }
        for (int i = steps.size() - 1; i >= 0; i--) {
            steps.get(i).run();
        }
        steps.clear();
    }

    /**
     * Runs {@code block} and forgets its inner activations; a recording tape computes them again in the backward pass.
     *
     * <p>The block must do the same when it runs again. It may use any tensor made outside it.
     *
     * @return the block's result
     * @see <a href="https://arxiv.org/abs/1604.06174">Chen et al. 2016, §3</a>
     */
    public Tensor checkpoint(Function<Tape, Tensor> block) {
        if (!recording) {
            return runAndForget(block);
        }
        Tape probe = new Tape(kernels, gradients, gradients, false, this);
        Tensor result = block.apply(probe);
        probe.needsGradient(result); // captures a tensor made outside that the block returns as it is
        Tensor output = activations.allocate(result.shape(), result.dtype()).copyFrom(result);
        probe.close();
        tracked.add(output);
        steps.add(() -> recompute(block, output, probe.captured));
        return output;
    }

    private Tensor runAndForget(Function<Tape, Tensor> block) {
        long mark = activations.mark();
        Tensor result = block.apply(this);
        long distance = result.address() - activations.addressOf(mark);
        if (distance < result.byteSize()) { // made outside the block, or too near its beginning to be moved there
            activations.release(distance < 0 ? mark : activations.mark());
            return result;
        }
        activations.release(mark);
        return activations.allocate(result.shape(), result.dtype()).copyFrom(result);
    }

    private void recompute(Function<Tape, Tensor> block, Tensor output, Set<Tensor> outside) {
        Tensor gradOutput = slots.get(output);
        if (gradOutput == null) {
            return;
        }
        // Slots of tensors made outside must outlive the inner tape, so they are opened before it.
        outside.forEach(this::slot);
        try (Tape inner = new Tape(kernels, gradients, gradients, true, this)) {
            inner.backward(block.apply(inner), gradOutput);
        }
    }

    /** Frees every tensor allocated through this tape. */
    @Override
    public void close() {
        gradients.release(gradientsMark);
        if (activations != gradients) {
            activations.release(activationsMark);
        }
    }

    /** Whether one of {@code inputs} needs a gradient, so that the operation must be recorded. */
    boolean needsGradient(Tensor... inputs) {
        boolean needed = false;
        for (Tensor input : inputs) {
            needed |= input != null && tracks(input.root());
        }
        return needed;
    }

    private boolean tracks(Tensor root) {
        if (tracked.contains(root)) {
            return true;
        }
        if (outer == null || !outer.tracks(root)) {
            return false;
        }
        captured.add(root);
        return recording;
    }

    /** Remembers how to add the gradients of an operation's inputs, given that of its output. */
    void record(Tensor output, Consumer<Tensor> backward) {
        tracked.add(output.root());
        steps.add(() -> {
            Tensor root = slots.get(output.root());
            if (root != null) {
                backward.accept(output.sameViewOf(root));
            }
        });
    }

    /** Whether the gradient of a tensor that needs one is this tape's to keep, not an outer one's. */
    boolean keeps(Tensor root) {
        return tracked.contains(root);
    }

    /** The gradient to add into, zero at first; null when {@code x} is null or needs none. */
    Tensor slot(Tensor x) {
        if (x == null || !needsGradient(x)) {
            return null;
        }
        return keeps(x.root()) ? slots.of(x) : outer.slot(x);
    }

    /** See {@link GradientSlots#unwritten}. */
    Tensor[] unwrittenSlots(Tensor... inputs) {
        return slots.unwritten(inputs);
    }

    /** Operations of the networks around the denoiser. */
    public EncoderOperations encoders() {
        return new EncoderOperations(this);
    }

    // Operations. Each checks, runs and records in the class of its family.

    /** <pre>y = x · Wᵀ</pre> x (…, in), W (out, in) → (…, out). */
    public Tensor linear(Tensor x, Parameter weight) {
        return LinearOperations.linear(this, x, weight, null);
    }

    /** <pre>y = x · Wᵀ + b</pre> x (…, in), W (out, in), b (out) → (…, out). */
    public Tensor linear(Tensor x, Parameter weight, Parameter bias) {
        return LinearOperations.linear(this, x, weight, bias);
    }

    /** <pre>Σ_i x_i · weights_i</pre> of two tensors with n elements → (1); no gradient for the weights. */
    public Tensor weightedSum(Tensor x, Tensor weights) {
        return LinearOperations.weightedSum(this, x, weights);
    }

    /** See {@link Kernels.Attention}: (B, L, H·d). */
    public Tensor attention(AttentionInputs inputs) {
        return AttentionOperations.attention(this, inputs);
    }

    /** Heads of a fused projection without normalisation or rotation: x (B, L, X) → (B, H, L, d). */
    public Tensor heads(Tensor x, HeadLayout layout) {
        return AttentionOperations.heads(this, x, layout, null, null, 0f);
    }

    /** Heads of a fused projection, normalised by {@code scale} (d) but not rotated: (B, L, X) → (B, H, L, d). */
    public Tensor heads(Tensor x, HeadLayout layout, Parameter scale, float eps) {
        return AttentionOperations.heads(this, x, layout, scale, null, eps);
    }

    /** Heads of a fused projection, normalised and rotated; see {@link Kernels.QkNorm}: (B, L, X) → (B, H, L, d). */
    public Tensor heads(Tensor x, HeadLayout layout, Parameter scale, Tensor rope, float eps) {
        return AttentionOperations.heads(this, x, layout, scale, rope, eps);
    }

    /** See {@link Kernels.Rope}: x (B, H, L, d) → the same shape. */
    public Tensor rope(Tensor x, Tensor table) {
        return AttentionOperations.rope(this, x, table);
    }

    /** See {@link Kernels.AdaLayerNorm}: x (B, L, D), shift and scale (B, D) → (B, L, D). */
    public Tensor adaLayerNorm(Tensor x, Tensor shift, Tensor scale, float eps) {
        return NormOperations.adaLayerNorm(this, x, shift, scale, eps);
    }

    /** See {@link Kernels.RmsNorm}: x (…, D), scale (D) → the same shape. */
    public Tensor rmsNorm(Tensor x, Parameter scale, float eps) {
        return NormOperations.rmsNorm(this, x, scale, eps);
    }

    /** See {@link Kernels.Geglu}: (…, M). */
    public Tensor geglu(Tensor gate, Tensor up) {
        return PointwiseOperations.geglu(this, gate, up);
    }

    /** <pre>y = x · σ(x)</pre> */
    public Tensor silu(Tensor x) {
        return PointwiseOperations.silu(this, x);
    }

    /** The exact GELU, with erf. */
    public Tensor gelu(Tensor x) {
        return PointwiseOperations.gelu(this, x);
    }

    /** <pre>y = a + b</pre> of one shape. */
    public Tensor add(Tensor a, Tensor b) {
        return PointwiseOperations.add(this, a, b);
    }

    /** <pre>y = factor · x</pre> */
    public Tensor scale(Tensor x, float factor) {
        return PointwiseOperations.scale(this, x, factor);
    }

    /** <pre>y = x + gate_b ⊙ branch</pre> x and branch (B, L, D), gate (B, D). */
    public Tensor gatedResidual(Tensor x, Tensor gate, Tensor branch) {
        return PointwiseOperations.gatedResidual(this, x, gate, branch);
    }

    /** See {@link Kernels.Pointwise#sinusoid}: x (N) → (N, width); not differentiated. */
    public Tensor sinusoid(Tensor x, int width, float factor, float maxPeriod) {
        return PointwiseOperations.sinusoid(this, x, width, factor, maxPeriod);
    }

    /** Cuts the last axis into {@code count} equal parts: (N, count·D) → count tensors (N, D). */
    public Tensor[] chunk(Tensor x, int count) {
        return TokenOperations.chunk(this, x, count);
    }

    /** See {@link Kernels.Tokens#patchify}: (B, C, height, width) → (B, L, C·P²). */
    public Tensor patchify(Tensor image, int patch) {
        return TokenOperations.patchify(this, image, patch);
    }

    /** See {@link Kernels.Tokens#unpatchify}: (B, L, C·P²) → {@code shape} (B, C, height, width). */
    public Tensor unpatchify(Tensor tokens, Shape shape, int patch) {
        return TokenOperations.unpatchify(this, tokens, shape, patch);
    }

    /** Tokens of {@code a} (B, A, D), then those of {@code e} (B, E, D) → (B, A+E, D). */
    public Tensor concatenate(Tensor a, Tensor e) {
        return TokenOperations.concatenate(this, a, e);
    }

    /** See {@link Kernels.Tokens#gather}: x (B, L, D), index (B, R) → (B, R, D). */
    public Tensor gather(Tensor x, Tensor index) {
        return TokenOperations.gather(this, x, index);
    }

    /** Tokens y (B, R, D) put at index (B, R) among {@code length} tokens of zeros → (B, length, D). */
    public Tensor scatter(Tensor y, Tensor index, int length) {
        return TokenOperations.scatter(this, y, index, length);
    }

    /** Rows of {@code table} (V, D) by {@code index} (…) of I32 → (…, D). */
    public Tensor embed(Parameter table, Tensor index) {
        return TokenOperations.embed(this, table, index);
    }

    /** See {@link Kernels.FlowMatch#combine}: x, z (B, …), coefficients (B, 3) → the shape of x. */
    public Tensor combine(Tensor x, Tensor z, Tensor coefficients) {
        return FlowOperations.combine(this, x, z, coefficients);
    }

    /** Mean squared difference of every sample: (B, …) → (B); no gradient for the target. */
    public Tensor meanSquare(Tensor prediction, Tensor target) {
        return FlowOperations.meanSquare(this, prediction, target);
    }
}
