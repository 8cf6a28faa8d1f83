package mezzotint.text;

import java.util.Arrays;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;

/**
 * Token states of one prompt.
 *
 * @param values (T, width), row-major, finite; not to be changed afterwards
 * @param width of a token state
 * @param mask (T), true = real token; all may be false, and then the picture sees no text
 */
public record PromptStates(float[] values, int width, boolean[] mask) {

    /**
     * Checks sizes and numbers.
     *
     * @throws ShapeMismatchException where there is no token, or values, width and mask do not fit together
     * @throws IllegalArgumentException where a value is not finite
     */
    public PromptStates {
        if (width < 1 || mask.length == 0 || values.length != (long) mask.length * width) {
            throw new ShapeMismatchException(
                    "prompt states: %d values, width %d and %d mask entries; expected at least one token and"
                            + " values = width · entries",
                    values.length, width, mask.length);
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "prompt states: token %d, dimension %d is %s, expected a finite number; compute them again"
                                .formatted(i / width, i % width, values[i]));
            }
        }
    }

    /** States of which every token is real. */
    public static PromptStates unmasked(float[] values, int width) {
        boolean[] mask = new boolean[width < 1 ? 0 : values.length / width];
        Arrays.fill(mask, true);
        return new PromptStates(values, width, mask);
    }

    /** Number of tokens T, masked ones included. */
    public int tokens() {
        return mask.length;
    }

    /** Number of tokens that are real. */
    public int realTokens() {
        int count = 0;
        for (boolean real : mask) {
            count += real ? 1 : 0;
        }
        return count;
    }

    /** The real tokens alone, in their order; one masked token of zeros where none is real. */
    public PromptStates withoutMasked() {
        int real = realTokens();
        if (real == tokens()) {
            return this;
        }
        if (real == 0) {
            return new PromptStates(new float[width], width, new boolean[1]);
        }
        float[] kept = new float[real * width];
        int at = 0;
        for (int t = 0; t < mask.length; t++) {
            if (mask[t]) {
                System.arraycopy(values, t * width, kept, at, width);
                at += width;
            }
        }
        return unmasked(kept, width);
    }

    /**
     * Several prompts as tensors, padded on the right with masked zeros to the longest.
     *
     * @throws ShapeMismatchException where there is none, or their widths differ
     */
    public static TextTokens padded(Tape tape, List<PromptStates> prompts) {
        int longest = prompts.stream().mapToInt(PromptStates::tokens).max().orElse(0);
        int width = prompts.isEmpty() ? 0 : prompts.getFirst().width();
        float[] all = new float[prompts.size() * longest * width];
        boolean[] real = new boolean[prompts.size() * longest];
        for (int b = 0; b < prompts.size(); b++) {
            PromptStates prompt = prompts.get(b);
            if (prompt.width() != width) {
                throw new ShapeMismatchException(
                        "prompt %d has states of width %d, but prompt 0 of width %d; encode them with one encoder",
                        b, prompt.width(), width);
            }
            System.arraycopy(prompt.values(), 0, all, b * longest * width, prompt.values().length);
            System.arraycopy(prompt.mask(), 0, real, b * longest, prompt.tokens());
        }
        if (longest == 0) {
            throw new ShapeMismatchException("prompts: expected at least one, got none");
        }
        return new TextTokens(
                tape.constant(all, prompts.size(), longest, width),
                tape.allocate(Shape.of(prompts.size(), longest), DType.BOOL).set(real));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PromptStates that
                && width == that.width
                && Arrays.equals(values, that.values)
                && Arrays.equals(mask, that.mask);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(values) + Arrays.hashCode(mask);
    }

    @Override
    public String toString() {
        return "PromptStates(" + tokens() + ", " + width + "), " + realTokens() + " of them real";
    }
}
