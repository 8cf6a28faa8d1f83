package mezzotint.cli;

import java.util.List;
import mezzotint.flow.TimeShift;
import mezzotint.image.RgbImage;
import mezzotint.sampling.PublishedPipeline;
import mezzotint.sampling.SamplingListener;
import mezzotint.sampling.SamplingRequest;
import mezzotint.tensor.Tensor;

/** Draws with a published pipeline. */
record PublishedPainter(PublishedPipeline pipeline) implements Painter {
    @Override
    public SamplingRequest request(List<String> prompts) {
        return pipeline.request(prompts.toArray(String[]::new));
    }

    @Override
    public TimeShift shift() {
        return pipeline.folder().scheduler().shift();
    }

    @Override
    public int sizeUnit() {
        return pipeline.sizeUnit();
    }

    @Override
    public void check(SamplingRequest request) {
        pipeline.check(request);
    }

    @Override
    public List<RgbImage> draw(SamplingRequest request, SamplingListener listener) {
        return pipeline.draw(request, listener).rounded();
    }

    @Override
    public List<RgbImage> pictures(Tensor sample) {
        return pipeline.pictures(sample).rounded();
    }

    @Override
    public void close() {
        pipeline.close();
    }
}
