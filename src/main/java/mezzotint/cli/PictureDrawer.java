package mezzotint.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import mezzotint.flow.TimeShift;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;
import mezzotint.sampling.Guidance;
import mezzotint.sampling.SamplingListener;
import mezzotint.sampling.SamplingRequest;
import mezzotint.sampling.TextToImage;
import mezzotint.tensor.TensorArena;

/**
 * Draws any number of pictures, a batch at a time.
 *
 * @param model draws
 * @param template what is the same for all pictures; its prompts and seeds are replaced
 */
record PictureDrawer(Model model, SamplingRequest template) {
    private static final int BATCH_PIXELS = 64 * 64 * 64;

    /** Draws a request's pictures. */
    @FunctionalInterface
    interface Model {
        List<RgbImage> draw(SamplingRequest request, SamplingListener listener);
    }

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
        private SamplingRequest template() {
            return new SamplingRequest(
                    List.of(""), negative, List.of(0L), height, width, steps, shift, Guidance.of(guidance));
        }
    }

    /** Draws with a model that is loaded already. */
    PictureDrawer(TextToImage model, Device device, Settings settings) {
        this(
                (request, listener) -> {
                    try (TensorArena scratch = device.arena(model.scratchBytes(request))) {
                        return model.draw(request, scratch, listener);
                    }
                },
                settings.template());
    }

    /**
     * Draws a picture for each prompt.
     *
     * @param seeds one a prompt
     * @param progress told how many are done, after every batch
     */
    List<RgbImage> draw(List<String> prompts, List<Long> seeds, IntConsumer progress) {
        return draw(prompts, seeds, progress, SamplingListener.NONE);
    }

    private List<RgbImage> draw(
            List<String> prompts, List<Long> seeds, IntConsumer progress, SamplingListener listener) {
        int batch = batch();
        List<RgbImage> pictures = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += batch) {
            int to = Math.min(from + batch, prompts.size());
            pictures.addAll(model.draw(request(prompts.subList(from, to), seeds.subList(from, to)), listener));
            progress.accept(to);
        }
        return pictures;
    }

    private SamplingRequest request(List<String> prompts, List<Long> seeds) {
        return template.withPrompts(prompts.stream().map(PromptWords::prompt).toList(), seeds);
    }

    /** What is asked of the model at once when a table is drawn, the first time, which is the largest. */
    SamplingRequest largestBatch(PromptTable table) {
        int first = Math.min(batch(), table.prompts().size());
        return request(table.prompts().subList(0, first), table.seeds().subList(0, first));
    }

    private int batch() {
        long pixels = (long) template.canvas().height() * template.canvas().width();
        return Math.clamp(BATCH_PIXELS / pixels, 1, 64);
    }

    /** Draws a table's prompts, row by row. */
    List<RgbImage> draw(PromptTable table) {
        return draw(table.prompts(), table.seeds(), _ -> {});
    }

    /** Draws a table's prompts, row by row, with a bar that moves at every step. */
    List<RgbImage> draw(PromptTable table, Console console) {
        int pictures = table.prompts().size();
        long steps = (long) Math.ceilDiv(pictures, batch())
                * template.settings().grid().steps();
        try (Bar bar = Bar.on(console, "drawing", steps)) {
            return draw(table.prompts(), table.seeds(), done -> bar.say(done + " of " + pictures), _ -> bar.step());
        }
    }
}
