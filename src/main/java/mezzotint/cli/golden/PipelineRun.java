package mezzotint.cli.golden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
import mezzotint.text.TokenBatch;

/** One recorded call: what is drawn, compared with it number by number. */
final class PipelineRun implements SamplingListener {
    private static final double FORWARD_TOLERANCE = 1e-5;
    private static final double TIME_TOLERANCE = 1e-6; // float32, each rounded once or twice
    private static final double NOISE_TOLERANCE = 1e-6; // as the case random_cpu allows
    private static final int ROUNDING = 3; // as many times upstream's own distance from float64
    private static final double SHARE_OF_PIXELS = 1e-3; // whose value lies so near a half that float32 decides

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
        text(run, pipeline);
        picture(run, pipeline.draw(request, new PipelineRun(run)));
    }

    /** Token ids and masks exactly; token states where the tokens are real, for the others are masked later. */
    private static void text(GoldenCase run, PublishedPipeline pipeline) {
        List<String> words = new ArrayList<>();
        if (run.has("negative_prompt_embeds")) {
            words.add(run.json().path("call").path("negative_prompt").asText(""));
        }
        int negatives = words.size();
        words.addAll(PipelineCheck.strings(run.json().path("call").path("prompt")));
        TokenBatch batch = pipeline.tokens(words);
        run.compareExactly(
                "token_ids",
                joined(batch.ids().stream().map(Arrays::toString)),
                rows(run, "token_ids", words.size(), tokens -> Arrays.toString(tokens)));
        run.compareExactly(
                "token_mask",
                joined(batch.masks().stream().map(Arrays::toString)),
                rows(
                        run,
                        "token_mask",
                        words.size(),
                        tokens -> Arrays.toString(
                                Arrays.stream(tokens).mapToObj(t -> t != 0).toArray())));
        List<PromptStates> states =
                pipeline.states(words.stream().map(Prompt::of).toList());
        if (negatives > 0) {
            states(run, "negative_prompt_embeds", 0, states.subList(0, negatives));
        }
        states(run, "prompt_embeds", negatives, states.subList(negatives, states.size()));
    }

    private static String joined(Stream<String> rows) {
        return String.join("; ", rows.toList());
    }

    private static String rows(GoldenCase run, String name, int count, Function<long[], String> shown) {
        long[] all = run.tensor(name).toLongs();
        int size = all.length / count;
        return joined(IntStream.range(0, count)
                .mapToObj(i -> shown.apply(Arrays.copyOfRange(all, i * size, (i + 1) * size))));
    }

    /** @param first prompt among the recorded masks */
    private static void states(GoldenCase run, String name, int first, List<PromptStates> states) {
        float[] recorded = run.floats(name);
        boolean[] masks = run.tensor("token_mask").toBooleans();
        int width = run.tensor(name).shape().size(2);
        int tokens = run.tensor(name).shape().size(1);
        for (int i = 0; i < states.size(); i++) {
            PromptStates expected = new PromptStates(
                    Arrays.copyOfRange(recorded, i * tokens * width, (i + 1) * tokens * width),
                    width,
                    Arrays.copyOfRange(masks, (first + i) * tokens, (first + i + 1) * tokens));
            run.compare(
                    name + " of prompt " + i,
                    states.get(i).withoutMasked().values(),
                    expected.withoutMasked().values(),
                    run.tolerance(name, FORWARD_TOLERANCE));
        }
    }

    @Override
    public void answered(float time, Tensor outputs) {
        String name = "step." + step;
        float[] times =
                new float[run.tensor(name + ".model_time").shape().size(0)]; // a number for each half of guidance
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

    /** Large tensors are recorded as their elements at every so manieth place along the sides, and statistics of all. */
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
                    new double[] {(mean - expected[0]) / expected[1], deviation / expected[1], absolute / expected[2]},
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
        var upstream = run.json().path("tolerance").path("image_uint8");
        int levels = upstream.path("max_abs_diff_f32_vs_f64").intValue();
        double[] expected = run.tensor("image_uint8").toDoubles();
        run.compareLargest("image_uint8", actual, expected, levels > 1 ? ROUNDING * levels : 1);
        double share = Math.max(ROUNDING * upstream.path("fraction_differing").doubleValue(), SHARE_OF_PIXELS);
        if (share < 1 && actual.length == expected.length) { // in bfloat16 most pixels differ
            double differing = 0;
            for (int i = 0; i < actual.length; i++) {
                differing += actual[i] == expected[i] ? 0 : 1.0 / actual.length;
            }
            run.compareLargest("image_uint8, share that differs", new double[] {differing}, new double[] {0}, share);
        }
    }
}
