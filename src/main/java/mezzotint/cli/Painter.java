package mezzotint.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import mezzotint.flow.TimeShift;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;
import mezzotint.sampling.ModelFolder;
import mezzotint.sampling.PublishedFolder;
import mezzotint.sampling.PublishedPipeline;
import mezzotint.sampling.SamplingListener;
import mezzotint.sampling.SamplingRequest;
import mezzotint.sampling.TextModules;
import mezzotint.tensor.Tensor;

/** A model that pictures are drawn with: one of this library's, or a published one. */
interface Painter extends AutoCloseable {
    /**
     * The model that a user means; its weights are loaded when it first draws.
     *
     * @param folder as for {@link ModelSource#read}, or a published pipeline
     * @param skipped told in a sentence of each checkpoint that is damaged
     * @throws UserMistake when there is none
     */
    static Painter open(
            Optional<Path> folder,
            Device device,
            TextModules texts,
            PublishedPipeline.Options options,
            Consumer<String> skipped) {
        if (folder.isPresent() && PublishedFolder.isPublished(folder.get())) {
            PublishedFolder published = PublishedFolder.open(folder.get());
            return new PublishedPainter(PublishedPipeline.open(device, published, options));
        }
        if (!options.equals(PublishedPipeline.Options.DEFAULT)) {
            throw new UserMistake("--precision is for published models; this library's own are of float32");
        }
        ModelFolder own = ModelSource.read(folder, texts, skipped);
        return new OwnPainter(device, own);
    }

    /** A request with the model's own settings. */
    SamplingRequest request(List<String> prompts);

    /** Of the model's time grid. */
    TimeShift shift();

    /** Both sides of a picture are multiples of this many pixels. */
    int sizeUnit();

    /**
     * Checks that a request can be drawn, before any weight is read.
     *
     * @throws mezzotint.sampling.SamplingRequestException when it cannot
     */
    void check(SamplingRequest request);

    /** Draws a request's pictures. */
    List<RgbImage> draw(SamplingRequest request, SamplingListener listener);

    /** Pictures of what is denoised, (B, C, height, width). */
    List<RgbImage> pictures(Tensor sample);

    @Override
    void close();
}
