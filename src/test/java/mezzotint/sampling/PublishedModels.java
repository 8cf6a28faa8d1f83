package mezzotint.sampling;

import java.nio.file.Path;
import mezzotint.kernel.Device;
import mezzotint.testing.Tensors;
import mezzotint.text.Prompt;
import mezzotint.text.PromptStates;

/** The recorded pipelines, small, with random weights; and prompts for them that need no text tower. */
final class PublishedModels {
    static final String PIXELS = "pipeline_pixel"; // patches of 8 pixels, states of width 32
    static final String LATENTS = "pipeline_latent_kl"; // cells of 8 pixels, patches of 2 cells, states of width 32

    private static final int WIDTH = 32;

    private PublishedModels() {}

    static PublishedPipeline open(Device device, String name) {
        return PublishedPipeline.open(device, Path.of("src/test/resources/golden", name));
    }

    /** A prompt of {@code real} tokens, with masked ones before and behind them. */
    static Prompt prompt(int seed, int real) {
        boolean[] mask = new boolean[real + 3];
        java.util.Arrays.fill(mask, 1, 1 + real, true);
        return Prompt.of(new PromptStates(Tensors.normals(seed, mask.length * WIDTH), WIDTH, mask));
    }
}
