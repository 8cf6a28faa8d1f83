package mezzotint.sampling;

import java.util.Arrays;
import mezzotint.autograd.Tape;
import mezzotint.flow.FlowPath;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxSeams;
import mezzotint.prx.PrxText;
import mezzotint.prx.TokenRouting;
import mezzotint.tensor.Tensor;

/**
 * A denoiser with its prompts given and guidance applied; a picture's two halves of guidance are asked in one batch.
 *
 * @param denoiser the network
 * @param text of the prompts, (B, …); with guidance (2B, …): those of the negative prompts first
 * @param guidance how strongly the prompt is followed
 * @param precision that outputs are rounded to
 * @param listener told what the network answers
 */
public record GuidedDenoiser(
        PrxDenoiser denoiser, PrxText text, Guidance guidance, Precision precision, SamplingListener listener)
        implements FlowSampler.Network {

    @Override
    public Tensor output(Tape tape, Tensor noised, float time) {
        return switch (guidance) {
            case Guidance.None() -> ask(tape, noised, time, text, PrxSeams.NONE);
            case Guidance.SelfRouted(float scale, TokenRouting routing, long seed) -> {
                Tensor all = ask(tape, noised, time, text, PrxSeams.NONE);
                int patch = denoiser.config().patchSize();
                int tokens = noised.shape().size(2) / patch * (noised.shape().size(3) / patch);
                var route =
                        routing.route(routing.stepSeed(seed, 0), noised.shape().size(0), tokens);
                yield mixed(tape, ask(tape, noised, time, text, PrxSeams.of(route)), all, scale);
            }
            case Guidance.ClassifierFree(float scale, Guidance.Interval interval) -> {
                int count = noised.shape().size(0);
                yield interval.contains(time)
                        ? guided(tape, noised, time, scale)
                        : ask(tape, noised, time, text.rows(count, 2L * count), PrxSeams.NONE);
            }
        };
    }

    private Tensor guided(Tape tape, Tensor noised, float time, float scale) {
        int count = noised.shape().size(0);
        long[] dims = noised.shape().dims();
        dims[0] = 2L * count;
        Tensor doubled = tape.allocate(dims);
        doubled.rows(0, count).copyFrom(noised);
        doubled.rows(count, 2L * count).copyFrom(noised);
        Tensor both = ask(tape, doubled, time, text, PrxSeams.NONE);
        return mixed(tape, both.rows(0, count), both.rows(count, 2L * count), scale);
    }

    private Tensor mixed(Tape tape, Tensor without, Tensor with, float scale) {
        int count = without.shape().size(0);
        Tensor guided = tape.combine(
                without,
                with,
                FlowPath.coefficients(tape, new float[count], t -> new FlowPath.Coefficients(1 - scale, scale, 1)));
        precision.round(guided);
        return guided;
    }

    private Tensor ask(Tape tape, Tensor noised, float time, PrxText prompts, PrxSeams seams) {
        float[] times = new float[noised.shape().size(0)];
        Arrays.fill(times, time);
        Tensor output = tape.checkpoint( // only the output is left of it
                inner -> denoiser.forward(inner, noised, inner.constant(times, times.length), prompts, seams));
        precision.round(output);
        listener.answered(time, output);
        return output;
    }
}
