package mezzotint.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import mezzotint.flow.TimeShift;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;
import mezzotint.sampling.Guidance;
import mezzotint.sampling.SamplingRequest;
import mezzotint.sampling.TextToImage;
import mezzotint.tensor.TensorArena;

/**
 * Draws any number of pictures, a batch at a time.
 *
 * @param model draws
 * @param device where the model lies
 * @param settings same for all
 */
record PictureDrawer(TextToImage model, Device device, Settings settings) {
    private static final int BATCH_PIXELS = 64 * 64 * 64;

    /**
     * How pictures are drawn.
     *
     * @param height in pixels
     * @param width in pixels
     * @param steps Euler steps
     * @param shift of the time grid
     * @param guidance 1 for none
     * @param negative prompt that guidance pushes away from
     */
    record Settings(int height, int width, int steps, TimeShift shift, float guidance, String negative) {
        SamplingRequest request(List<String> prompts, List<Long> seeds) {
            return new SamplingRequest(prompts, negative, seeds, height, width, steps, shift, Guidance.of(guidance));
        }
    }

    /**
     * Draws a picture for each prompt.
     *
     * @param seeds one a prompt
     * @param progress told how many are done, after every batch
     */
    List<RgbImage> draw(List<String> prompts, List<Long> seeds, IntConsumer progress) {
        int batch = Math.clamp(BATCH_PIXELS / ((long) settings.height * settings.width), 1, 64);
        int first = Math.min(batch, prompts.size());
        SamplingRequest largest = settings.request(prompts.subList(0, first), seeds.subList(0, first));
        List<RgbImage> pictures = new ArrayList<>();
        try (TensorArena scratch = device.arena(model.scratchBytes(largest))) {
            for (int from = 0; from < prompts.size(); from += batch) {
                int to = Math.min(from + batch, prompts.size());
                SamplingRequest request = settings.request(prompts.subList(from, to), seeds.subList(from, to));
                pictures.addAll(model.draw(request, scratch, _ -> {}));
                progress.accept(to);
            }
        }
        return pictures;
    }

    /** Draws a table's prompts, row by row. */
    List<RgbImage> draw(PromptTable table) {
        return draw(table.prompts(), table.seeds(), _ -> {});
    }
}
