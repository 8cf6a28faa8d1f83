package mezzotint.cli;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import mezzotint.flow.TimeShift;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;
import mezzotint.sampling.Guidance;
import mezzotint.sampling.ModelDescription;
import mezzotint.sampling.ModelFolder;
import mezzotint.sampling.SamplingListener;
import mezzotint.sampling.SamplingRequest;
import mezzotint.sampling.TextToImage;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** Draws with a model that this library has trained. */
final class OwnPainter implements Painter {
    private final Device device;
    private final ModelFolder folder;
    private Optional<TensorArena> weights = Optional.empty();
    private Optional<TextToImage> loaded = Optional.empty();

    OwnPainter(Device device, ModelFolder folder) {
        this.device = device;
        this.folder = folder;
    }

    private TextToImage model() {
        if (loaded.isEmpty()) {
            weights = Optional.of(device.arena(folder.weightBytes()));
            loaded = Optional.of(folder.load(device, weights.get()));
        }
        return loaded.get();
    }

    @Override
    public SamplingRequest request(List<String> prompts) {
        ModelDescription description = folder.description();
        int side = description.imageSize();
        return new SamplingRequest(
                prompts,
                "",
                Collections.nCopies(prompts.size(), 0L),
                side,
                side,
                Drawing.STEPS,
                description.shift(),
                Guidance.of(Drawing.GUIDANCE));
    }

    @Override
    public TimeShift shift() {
        return folder.description().shift();
    }

    @Override
    public int sizeUnit() {
        return folder.description().config().patchSize();
    }

    @Override
    public void check(SamplingRequest request) {
        int width = request.canvas().width();
        int height = request.canvas().height();
        if (width % sizeUnit() != 0 || height % sizeUnit() != 0) {
            throw new UserMistake(
                    "--size wants multiples of this model's patch size %d, got %dx%d", sizeUnit(), width, height);
        }
    }

    @Override
    public List<RgbImage> draw(SamplingRequest request, SamplingListener listener) {
        TextToImage model = model();
        try (TensorArena scratch = device.arena(model.scratchBytes(request))) {
            return model.draw(request, scratch, listener);
        }
    }

    @Override
    public List<RgbImage> pictures(Tensor sample) {
        return TextToImage.pictures(sample);
    }

    @Override
    public void close() {
        weights.ifPresent(TensorArena::close);
    }
}
