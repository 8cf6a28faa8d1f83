package mezzotint.benchmarks;

import java.util.Locale;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** {@link Work} on libtorch. */
final class LibtorchStep implements Step {
    private final PointerScope lifetime = new PointerScope();
    private final Work work;
    private final Options options;
    private final LibtorchPrx model;
    private final FusedAdamW fused;
    private final Tensor pictures;
    private final Tensor noise;
    private final Tensor times;
    private final Tensor text;
    private final Tensor textMask;
    private final LibtorchPrx.TextKeys[] keys;
    private Tensor x;
    private int step;
    private float figure = Float.NaN;

    /**
     * @param threads worker threads, 1 or more
     * @param bf16 whether products are in bf16
     * @param wholeBf16 with {@code bf16}: weights and activations stored in bf16 too, instead of autocast
     */
    record Options(int threads, boolean bf16, boolean wholeBf16) {}

    LibtorchStep(Work work, Options options) {
        this.work = work;
        this.options = options;
        requireEnvironment(options.threads);
        torch.set_num_threads(options.threads);
        torch.set_num_interop_threads(1);
        PrxShape shape = work.shape();
        ScalarType dtype = options.wholeBf16 ? ScalarType.BFloat16 : ScalarType.Float;
        Map<String, Tensor> weights = LibtorchPrx.weights(shape, dtype);
        model = new LibtorchPrx(shape, weights, autocast() ? ScalarType.BFloat16 : dtype);
        fused = new FusedAdamW(weights.values());
        long[] size = {shape.batch(), shape.colours(), shape.height(), shape.width()};
        pictures = Tensor.create(Numbers.pictures(shape), size);
        Tensor drawn = Tensor.create(Numbers.noise(shape), size);
        noise = work == Work.SAMPLE_PAIR ? drawn.narrow(0, 0, 1).expand(size).contiguous() : drawn;
        times = Tensor.create(Numbers.times(shape), shape.batch());
        text = Tensor.create(Numbers.text(shape), shape.batch(), shape.textTokens(), shape.textWidth());
        textMask = Tensor.create(Numbers.textMask(shape), shape.batch(), shape.textTokens());
        x = noise;
        keys = work == Work.TRAIN ? null : textKeys();
    }

    /** What the process must be started with: this libtorch's products run on OpenBLAS's own threads. */
    static Map<String, String> environment(int threads) {
        return Map.of(
                "OPENBLAS_NUM_THREADS", Integer.toString(threads), // else every core, whatever set_num_threads says
                "OMP_NUM_THREADS", Integer.toString(threads),
                "OMP_WAIT_POLICY", "PASSIVE"); // spinning OpenMP threads halve the speed of OpenBLAS's
    }

    private static void requireEnvironment(int threads) {
        environment(threads).forEach((name, value) -> {
            if (!value.equals(System.getenv(name))) {
                throw new IllegalStateException("libtorch on " + threads + " threads: start the process with " + name
                        + "=" + value + ", got " + System.getenv(name) + "; Compare does it");
            }
        });
    }

    private boolean autocast() {
        return options.bf16 && !options.wholeBf16;
    }

    private LibtorchPrx.TextKeys[] textKeys() {
        try (InferenceMode mode = new InferenceMode()) {
            enter();
            LibtorchPrx.TextKeys[] made = model.textKeys(text);
            leave();
            return made;
        }
    }

    private void enter() {
        if (autocast()) {
            torch.set_autocast_enabled(DeviceType.CPU, true);
            torch.set_autocast_dtype(DeviceType.CPU, ScalarType.BFloat16);
        }
    }

    private void leave() {
        if (autocast()) {
            torch.clear_cache();
            torch.set_autocast_enabled(DeviceType.CPU, false);
        }
    }

    @Override
    public void run() {
        try (PointerScope scope = new PointerScope()) {
            if (work == Work.TRAIN) {
                train();
            } else {
                sample();
            }
        }
    }

    private void train() {
        Tensor t = times.view(-1, 1, 1, 1);
        Tensor velocity = noise.sub(pictures);
        Tensor mixed = torch.addcmul(pictures, t, velocity);
        TensorOptional mask = new TensorOptional(model.attentionMask(textMask));
        enter();
        Tensor predicted = model.forward(mixed, times, model.textKeys(text), mask);
        leave();
        Tensor loss = torch.mse_loss(predicted.to(ScalarType.Float), velocity);
        loss.backward();
        fused.step(1e-4, 0.9, 0.95, 1e-15, 0);
        figure = loss.item_float();
    }

    private void sample() {
        Tensor before = x;
        try (InferenceMode mode = new InferenceMode()) {
            float time = 1 - (float) (step % Work.GRID) / Work.GRID;
            Tensor from = step % Work.GRID == 0 ? noise : x;
            TensorOptional mask = new TensorOptional(model.attentionMask(textMask));
            enter();
            Tensor velocity = model.forward(from, torch.full_like(times, new Scalar(time)), keys, mask);
            leave();
            if (work == Work.SAMPLE_PAIR) {
                Tensor plain = velocity.narrow(0, 1, 1);
                velocity = plain.add(velocity.narrow(0, 0, 1).sub(plain), new Scalar(Work.GUIDANCE))
                        .expand_as(from);
            }
            x = from.add(velocity.to(ScalarType.Float), new Scalar(-1.0 / Work.GRID));
            x.retainReference(); // it outlives this step's scope
        }
        if (step++ > 0) {
            before.releaseReference();
        }
    }

    @Override
    public float figure() {
        if (work == Work.TRAIN) {
            return figure;
        }
        try (PointerScope scope = new PointerScope()) {
            return (float) Math.sqrt(x.square().mean().item_float());
        }
    }

    @Override
    public String describe() {
        String numbers = !options.bf16 ? "float32" : options.wholeBf16 ? "weights and all in bf16" : "bf16 autocast";
        return String.format(
                Locale.ROOT,
                "libtorch 2.10.0 (bytedeco), %d threads, %s, fused AdamW",
                torch.get_num_threads(),
                numbers);
    }

    @Override
    public void close() {
        lifetime.close();
    }
}
