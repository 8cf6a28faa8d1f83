package mezzotint.text;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * Encoded prompts.
 *
 * @param embeddings (B, T, width)
 * @param mask (B, T) of BOOL, true = real token
 */
public record TextTokens(Tensor embeddings, Tensor mask) {
    /** @throws ShapeMismatchException when batch or length differ */
    public TextTokens {
        if (embeddings.shape().rank() != 3
                || mask.shape().rank() != 2
                || embeddings.shape().dim(0) != mask.shape().dim(0)
                || embeddings.shape().dim(1) != mask.shape().dim(1)) {
            throw new ShapeMismatchException("text: embeddings %s, mask %s", embeddings.shape(), mask.shape());
        }
    }

    /**
     * Words encoded by {@code encoder} and states computed before, side by side in the order of the prompts; for tapes that do
     * not record.
     *
     * @throws ShapeMismatchException where there is no prompt, or states are not as wide as the encoder's
     */
    public static TextTokens of(Tape tape, TextEncoder encoder, List<Prompt> prompts) {
        List<String> words = new ArrayList<>();
        for (Prompt prompt : prompts) {
            switch (prompt) {
                case Prompt.Words(String text) -> words.add(text);
                case Prompt.Embedded(PromptStates states) -> requireWidth(states, encoder.width());
            }
        }
        if (words.size() == prompts.size() && !words.isEmpty()) {
            return encoder.encode(tape, words);
        }
        Iterator<PromptStates> encoded =
                words.isEmpty() ? Collections.emptyIterator() : encoder.encode(tape, words).states().iterator();
        List<PromptStates> all = new ArrayList<>();
        for (Prompt prompt : prompts) {
            all.add(prompt instanceof Prompt.Embedded(PromptStates states) ? states : encoded.next());
        }
        return PromptStates.padded(tape, all);
    }

    private static void requireWidth(PromptStates states, int width) {
        if (states.width() != width) {
            throw new ShapeMismatchException(
                    "embedded prompt: states of width %d, expected %d; encode it with this model's text encoder",
                    states.width(), width);
        }
    }

    /** Each prompt's states, read back from the device. */
    public List<PromptStates> states() {
        int tokens = mask.shape().size(1);
        int width = embeddings.shape().size(2);
        byte[] real = new byte[mask.shape().size(0) * tokens];
        mask.read(MemorySegment.ofArray(real));
        float[] values = embeddings.toFloats();
        List<PromptStates> states = new ArrayList<>();
        for (int b = 0; b < mask.shape().size(0); b++) {
            boolean[] own = new boolean[tokens];
            for (int t = 0; t < tokens; t++) {
                own[t] = real[b * tokens + t] != 0;
            }
            int from = b * tokens * width;
            states.add(new PromptStates(Arrays.copyOfRange(values, from, from + tokens * width), width, own));
        }
        return states;
    }

    /**
     * States of several prompts, padded on the right with zeros to the longest.
     *
     * @param states of each prompt (T, width), row-major, at least one row
     * @throws ShapeMismatchException when one is not made of whole rows
     */
    static TextTokens padded(Tape tape, List<float[]> states, int width) {
        int longest = 0;
        for (float[] prompt : states) {
            if (prompt.length == 0 || prompt.length % width != 0) {
                throw new ShapeMismatchException("text: %d numbers are no rows of width %d", prompt.length, width);
            }
            longest = Math.max(longest, prompt.length / width);
        }
        float[] all = new float[states.size() * longest * width];
        int[] lengths = new int[states.size()];
        for (int b = 0; b < lengths.length; b++) {
            float[] prompt = states.get(b);
            System.arraycopy(prompt, 0, all, b * longest * width, prompt.length);
            lengths[b] = prompt.length / width;
        }
        return new TextTokens(tape.constant(all, lengths.length, longest, width), mask(tape, lengths, longest));
    }

    /**
     * The same prompts without their masked tokens, padded on the right to the prompt with the most real ones; at least one
     * token is left.
     *
     * <p>Text has no positions in the denoiser, which therefore sees the same prompts in fewer keys: of the 256 tokens that
     * prompts are padded to, an ordinary one fills thirty.
     */
    public TextTokens withoutMasked(Tape tape) {
        int prompts = mask.shape().size(0);
        int tokens = mask.shape().size(1);
        byte[] real = new byte[prompts * tokens];
        mask.read(MemorySegment.ofArray(real));
        int[] lengths = new int[prompts];
        for (int i = 0; i < real.length; i++) {
            lengths[i / tokens] += real[i] == 0 ? 0 : 1;
        }
        int longest = Math.max(1, Arrays.stream(lengths).max().orElse(0));
        if (longest >= tokens) {
            return this;
        }
        int[] index = new int[prompts * longest]; // the padding repeats token 0: finite, and masked
        int[] filled = new int[prompts];
        for (int i = 0; i < real.length; i++) {
            int prompt = i / tokens;
            if (real[i] != 0) {
                index[prompt * longest + filled[prompt]++] = i % tokens;
            }
        }
        Tensor kept = tape.allocate(Shape.of(prompts, longest), DType.I32).set(index);
        return new TextTokens(tape.gather(embeddings, kept), mask(tape, lengths, longest));
    }

    /** (B, T) of BOOL: the first {@code lengths[b]} tokens of prompt b are real. */
    static Tensor mask(Tape tape, int[] lengths, int tokens) {
        boolean[] real = new boolean[lengths.length * tokens];
        for (int b = 0; b < lengths.length; b++) {
            Arrays.fill(real, b * tokens, b * tokens + lengths[b], true);
        }
        return tape.allocate(Shape.of(lengths.length, tokens), DType.BOOL).set(real);
    }
}
