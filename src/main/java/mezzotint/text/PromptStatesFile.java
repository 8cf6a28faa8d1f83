package mezzotint.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.io.StoredType;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * Token states in a safetensors file, under the names of diffusers' arguments: {@code prompt_embeds} (B, T, D) or (T, D), and
 * {@code prompt_attention_mask} (B, T) or (T) where some tokens are padding.
 */
public final class PromptStatesFile {
    /** Name of the states of prompts. */
    public static final String PROMPT = "prompt";

    /** Name of the states of what guidance pushes away from. */
    public static final String NEGATIVE_PROMPT = "negative_prompt";

    private static final String STATES = "_embeds";
    private static final String MASK = "_attention_mask";

    private PromptStatesFile() {}

    /**
     * Reads a file.
     *
     * @param name {@link #PROMPT} or {@link #NEGATIVE_PROMPT}
     * @return B prompts
     * @throws mezzotint.io.FileReadException where the file is missing
     * @throws mezzotint.io.MalformedSafeTensorsException where it breaks a rule of the format
     * @throws mezzotint.io.MissingTensorException where there are no states of that name
     * @throws TextFormatException where shapes do not fit together
     * @throws IllegalArgumentException where a state is not finite
     */
    public static List<PromptStates> read(Path file, String name) {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            return read(tensors, name);
        }
    }

    private static List<PromptStates> read(SafeTensors tensors, String name) {
        SafeTensor states = tensors.get(name + STATES);
        int rank = states.shape().rank();
        if ((rank != 2 && rank != 3) || states.shape().elements() == 0) {
            throw new TextFormatException(
                    tensors.source(),
                    name + STATES,
                    "(T, D) or (B, T, D)",
                    states.shape().toString());
        }
        int width = states.shape().size(rank - 1);
        int tokens = states.shape().size(rank - 2);
        int prompts = rank == 3 ? states.shape().size(0) : 1;
        boolean[] mask = mask(tensors, name, states.shape());
        float[] values = states.toFloats();
        List<PromptStates> all = new ArrayList<>();
        for (int b = 0; b < prompts; b++) {
            all.add(new PromptStates(
                    Arrays.copyOfRange(values, b * tokens * width, (b + 1) * tokens * width),
                    width,
                    Arrays.copyOfRange(mask, b * tokens, (b + 1) * tokens)));
        }
        return all;
    }

    private static boolean[] mask(SafeTensors tensors, String name, Shape states) {
        long[] dims = states.dims();
        Shape expected = Shape.of(Arrays.copyOf(dims, dims.length - 1));
        boolean[] mask = new boolean[Math.toIntExact(expected.elements())];
        Optional<SafeTensor> stored = tensors.find(name + MASK);
        if (stored.isEmpty()) {
            Arrays.fill(mask, true);
            return mask;
        }
        if (!stored.get().shape().equals(expected)) {
            throw new TextFormatException(
                    tensors.source(),
                    name + MASK,
                    expected.toString(),
                    stored.get().shape().toString());
        }
        long[] values = stored.get().type() == StoredType.BOOL
                ? new long[0]
                : stored.get().toLongs();
        return values.length == 0 ? stored.get().toBooleans() : truths(values);
    }

    private static boolean[] truths(long[] values) {
        boolean[] mask = new boolean[values.length];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = values[i] != 0;
        }
        return mask;
    }

    /**
     * Writes one prompt as {@code prompt_embeds} (1, T, D) in float32 and {@code prompt_attention_mask} (1, T), whole or not
     * at all.
     *
     * @throws mezzotint.io.FileWriteException where the file system refuses
     */
    public static void write(Path file, PromptStates states) {
        byte[] bytes = new byte[states.tokens()];
        for (int t = 0; t < bytes.length; t++) {
            bytes[t] = states.mask()[t] ? (byte) 1 : 0;
        }
        new SafeTensorsWriter(Map.of("format", "pt"))
                .add(PROMPT + STATES, DType.F32, Shape.of(1, states.tokens(), states.width()), states.values())
                .addStreamed(PROMPT + MASK, DType.BOOL, Shape.of(1, states.tokens()), out -> out.write(bytes))
                .write(file);
    }
}
