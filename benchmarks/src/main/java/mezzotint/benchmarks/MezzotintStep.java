package mezzotint.benchmarks;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.flow.Prediction;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxText;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.training.AdamW;
import mezzotint.training.FlowMatchingObjective;

/** {@link Work} on this library, through the calls its trainer and sampler make. */
final class MezzotintStep implements Step {
    private static final long MEBIBYTE = 1L << 20;

    private final Work work;
    private final PrxShape shape;
    private final Device device;
    private final TensorArena weights;
    private final TensorArena activations;
    private final TensorArena gradients;
    private final Parameters parameters;
    private final PrxDenoiser model;
    private final Optional<AdamW> optimizer;
    private final FlowMatchingObjective objective = new FlowMatchingObjective(Prediction.VELOCITY);
    private final Tensor pictures;
    private final Tensor noise;
    private final float[] times;
    private final Tensor text;
    private final Tensor textMask;
    private final Tensor x;
    private final Optional<PrxText> keys;
    private final Consumer<Runnable> repeat;
    private final Tensor loss;
    private int step;
    private float figure = Float.NaN;

    /** Takes over {@code device}. */
    MezzotintStep(Work work, Device device) {
        this(work, device, Runnable::run);
    }

    /** @param repeat runs forward and backward of a training step, which is the same work each time */
    MezzotintStep(Work work, Device device, Consumer<Runnable> repeat) {
        this.work = work;
        this.repeat = repeat;
        this.device = device;
        shape = work.shape();
        boolean training = work == Work.TRAIN;
        weights = device.arena(512 * MEBIBYTE);
        activations = device.arena(2048 * MEBIBYTE);
        gradients = device.arena((training ? 2048 : 1) * MEBIBYTE);
        parameters = training ? new Parameters(weights, new PhiloxRandom(0)) : Parameters.frozen(weights);
        model = new PrxDenoiser(config(), parameters);
        for (Parameter parameter : parameters.all()) {
            parameter
                    .value()
                    .set(Numbers.parameter(
                            parameter.name(), parameter.value().shape().dims()));
        }
        optimizer = training
                ? Optional.of(new AdamW(device.kernels(), weights, parameters.trainable(), AdamW.Constants.PRX))
                : Optional.empty();
        long[] size = {shape.batch(), shape.colours(), shape.height(), shape.width()};
        pictures = weights.allocate(size).set(Numbers.pictures(shape));
        noise = weights.allocate(size).set(noise());
        times = Numbers.times(shape);
        text = weights.allocate(shape.batch(), shape.textTokens(), shape.textWidth())
                .set(Numbers.text(shape));
        textMask = weights.allocate(Shape.of(shape.batch(), shape.textTokens()), DType.BOOL)
                .set(Numbers.textMask(shape));
        x = weights.allocate(size);
        loss = weights.allocate(1);
        keys = training ? Optional.empty() : Optional.of(textKeys());
    }

    private PrxConfig config() {
        PrxConfig config = PrxConfig.CPU_SMALL;
        boolean same = config.hiddenSize() == shape.hidden()
                && config.depth() == shape.depth()
                && config.heads() == shape.heads()
                && config.mlpWidth() == shape.mlp()
                && config.patchSize() == shape.patch()
                && config.contextDim() == shape.textWidth();
        if (!same) {
            throw new IllegalStateException("preset cpu_small is no longer " + shape.label() + ": " + config);
        }
        return config;
    }

    private float[] noise() {
        float[] drawn = Numbers.noise(shape);
        if (work == Work.SAMPLE_PAIR) {
            System.arraycopy(drawn, 0, drawn, drawn.length / 2, drawn.length / 2);
        }
        return drawn;
    }

    /** In the activations' arena, for good: tapes made later start behind them. */
    private PrxText textKeys() {
        return model.text(Tape.inference(device.kernels(), activations), text, textMask);
    }

    @Override
    public void run() {
        if (work == Work.TRAIN) {
            train();
        } else {
            sample();
        }
    }

    private void train() {
        repeat.accept(this::forwardAndBackward);
        figure = loss.item();
        optimizer.orElseThrow().update(1e-4, 1);
    }

    private void forwardAndBackward() {
        parameters.zeroGradients();
        try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
            PrxText prompts = model.text(tape, text, textMask);
            Tensor total = objective
                    .loss(tape, pictures, noise, times, (t, noised, at) -> model.forward(t, noised, at, prompts))
                    .total();
            tape.backward(total);
            loss.copyFrom(total);
        }
    }

    private void sample() {
        if (step % Work.GRID == 0) {
            x.copyFrom(noise);
        }
        float time = 1 - (float) (step++ % Work.GRID) / Work.GRID;
        try (Tape tape = Tape.inference(device.kernels(), activations)) {
            float[] all = new float[shape.batch()];
            Arrays.fill(all, time);
            Tensor velocity = model.forward(tape, x, tape.constant(all, all.length), keys.orElseThrow());
            if (work == Work.SAMPLE_PAIR) {
                velocity = guided(tape, velocity);
            }
            device.kernels().flowMatch().combine(x, x, velocity, coefficients(tape, 1, -1f / Work.GRID));
            device.synchronize();
        }
    }

    /** v₀ + guidance · (v₁ − v₀) for both rows of the pair, whose second is the one without a prompt. */
    private Tensor guided(Tape tape, Tensor velocity) {
        Tensor both = tape.allocate(velocity.shape(), DType.F32);
        Tensor plain = velocity.rows(1, 2);
        Tensor prompted = velocity.rows(0, 1);
        Tensor one = coefficients(tape, Work.GUIDANCE, 1 - Work.GUIDANCE).rows(0, 1);
        device.kernels().flowMatch().combine(both.rows(0, 1), prompted, plain, one);
        both.rows(1, 2).copyFrom(both.rows(0, 1));
        return both;
    }

    private Tensor coefficients(Tape tape, float onFirst, float onSecond) {
        float[] rows = new float[3 * shape.batch()];
        for (int b = 0; b < shape.batch(); b++) {
            rows[3 * b] = onFirst;
            rows[3 * b + 1] = onSecond;
            rows[3 * b + 2] = 1;
        }
        return tape.constant(rows, shape.batch(), 3);
    }

    @Override
    public float figure() {
        if (work == Work.TRAIN) {
            return figure;
        }
        double sum = 0;
        for (float pixel : x.toFloats()) {
            sum += (double) pixel * pixel;
        }
        return (float) Math.sqrt(sum / shape.pixels());
    }

    @Override
    public String describe() {
        return "mezzotint on " + device + "; arenas used MiB " + weights.peak() / MEBIBYTE + " + "
                + activations.peak() / MEBIBYTE + " + " + gradients.peak() / MEBIBYTE;
    }

    @Override
    public void close() {
        gradients.close();
        activations.close();
        weights.close();
        device.close();
    }
}
