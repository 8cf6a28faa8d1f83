package mezzotint.cli.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mezzotint.image.RgbImage;
import mezzotint.io.SafeTensor;
import mezzotint.sampling.DrawnPictures;
import mezzotint.sampling.PublishedPipeline;
import mezzotint.sampling.SamplingListener;
import mezzotint.sampling.SamplingRequest;
import mezzotint.sampling.SamplingStep;
import mezzotint.sampling.TimeGrid;
import mezzotint.tensor.Tensor;
import mezzotint.text.Prompt;
import mezzotint.text.PromptStates;

/** One recorded call: what is drawn, compared with it number by number. */
final class PipelineRun implements SamplingListener {
    private static final double FORWARD_TOLERANCE = 1e-5;
    private static final double TIME_TOLERANCE = 1e-6; // float32, each rounded once or twice
    private static final double NOISE_TOLERANCE = 1e-6; // as the case random_cpu allows
    private static final int BF16_LEVELS = 3; // as many times upstream's own distance from float64

    private final GoldenCase run;
    private int step;

    private PipelineRun(GoldenCase run) {
        this.run = run;
    }

    static void compare(GoldenCase run, PublishedPipeline pipeline, SamplingRequest request) {
        TimeGrid grid = request.settings().grid();
        float[] sigmas = new float[grid.steps() + 1];
        for (int i = 0; i < sigmas.length; i++) {
            sigmas[i] = grid.sigma(i);
        }
        run.compare("sigmas", sigmas, TIME_TOLERANCE);
        for (int i = 0; i < grid.steps(); i++) {
            run.compare("step." + i + ".timestep", new float[] {sigmas[i] * TimeGrid.TRAINING_TIMES}, TIME_TOLERANCE);
        }
        SamplingRequest asked = request;
        if (Boolean.getBoolean("mezzotint.embedded")) {
            asked = embedded(run, request);
        }
        picture(run, pipeline.draw(asked, new PipelineRun(run)));
    }

    private static SamplingRequest embedded(GoldenCase run, SamplingRequest request) {
        List<PromptStates> negatives = run.has("negative_prompt_embeds") ? recorded(run, "negative_prompt_embeds", 0) : List.of();
        List<PromptStates> prompts = recorded(run, "prompt_embeds", negatives.size());
        List<Prompt> all = new ArrayList<>();
        int each = request.count() / prompts.size();
        prompts.forEach(p -> { for (int i = 0; i < each; i++) { all.add(Prompt.of(p)); } });
        return new SamplingRequest(all, negatives.isEmpty() ? List.of(Prompt.of(prompts.getFirst())) : List.of(Prompt.of(negatives.getFirst())), request.seeds(), request.canvas(), request.settings());
    }

    private static List<PromptStates> recorded(GoldenCase run, String name, int from) {
        SafeTensor t = run.tensor(name);
        int n = t.shape().size(0), tok = t.shape().size(1), w = t.shape().size(2);
        boolean[] mask = run.tensor("token_mask").toBooleans();
        float[] v = t.toFloats();
        List<PromptStates> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            out.add(new PromptStates(Arrays.copyOfRange(v, i * tok * w, (i + 1) * tok * w), w, Arrays.copyOfRange(mask, (from + i) * tok, (from + i + 1) * tok)));
        }
        return out;
    }

    @Override
    public void answered(float time, Tensor outputs) {
        String name = "step." + step;
        float[] times = new float[run.tensor(name + ".model_time").shape().size(0)]; // a number for each half of guidance
        Arrays.fill(times, time);
        run.compare(name + ".model_time", times, TIME_TOLERANCE);
        latents(name + ".model_out", outputs, FORWARD_TOLERANCE);
    }

    @Override
    public void step(SamplingStep taken) {
        if (taken.index() == 0) {
            latents("init_latents", taken.noised(), NOISE_TOLERANCE);
        }
        latents("step." + step + ".latents", taken.next(), FORWARD_TOLERANCE);
        step++;
    }

    /** Large tensors are recorded as every so manieth element along their sides, and statistics of all. */
    private void latents(String name, Tensor actual, double absent) {
        if (run.has(name)) {
            run.compare(name, actual.toFloats(), run.tolerance(name, absent));
            return;
        }
        String strided = name + ".strided";
        SafeTensor recorded = run.tensor(strided);
        int height = actual.shape().size(2);
        int width = actual.shape().size(3);
        int stride = Math.ceilDiv(height, recorded.shape().size(2));
        float[] all = actual.toFloats();
        float[] some = new float[Math.toIntExact(recorded.shape().elements())];
        int at = 0;
        for (int plane = 0; plane < all.length / (height * width); plane++) {
            for (int y = 0; y < height; y += stride) {
                for (int x = 0; x < width; x += stride) {
                    some[at++] = all[(plane * height + y) * width + x];
                }
            }
        }
        run.compare(strided, some, run.tolerance(strided, absent));
        statistics(name + ".stats", all, actual.shape().size(0), run.tolerance(strided, absent));
    }

    /** Mean, deviation and sum of absolute values of each picture; the mean in units of the deviation. */
    private void statistics(String name, float[] all, int count, double tolerance) {
        double[] recorded = run.tensor(name).toDoubles();
        int size = all.length / count;
        for (int b = 0; b < count; b++) {
            double sum = 0;
            double squares = 0;
            double absolute = 0;
            for (int i = b * size; i < (b + 1) * size; i++) {
                sum += all[i];
                squares += (double) all[i] * all[i];
                absolute += Math.abs(all[i]);
            }
            double mean = sum / size;
            double deviation = Math.sqrt(squares / size - mean * mean);
            double[] expected = {recorded[3 * b], recorded[3 * b + 1], recorded[3 * b + 2]};
            run.compareLargest(
                    name + " of picture " + b,
                    new double[] {
                        (mean - expected[0]) / expected[1], deviation / expected[1], absolute / expected[2]
                    },
                    new double[] {0, 1, 1},
                    tolerance);
        }
    }

    private static void picture(GoldenCase run, DrawnPictures drawn) {
        run.compare("image_float", drawn.values(), run.tolerance("image_float", FORWARD_TOLERANCE));
        List<RgbImage> pictures = drawn.rounded();
        double[] actual = new double[drawn.values().length];
        int size = actual.length / pictures.size();
        for (int i = 0; i < actual.length; i++) {
            actual[i] = pictures.get(i / size).toBytes()[i % size] & 0xff;
        }
        int upstream = run.json()
                .path("tolerance")
                .path("image_uint8")
                .path("max_abs_diff_f32_vs_f64")
                .intValue();
        int levels = upstream > 1 ? BF16_LEVELS * upstream : upstream;
        run.compareLargest("image_uint8", actual, run.tensor("image_uint8").toDoubles(), Math.max(1, levels));
    }
}
