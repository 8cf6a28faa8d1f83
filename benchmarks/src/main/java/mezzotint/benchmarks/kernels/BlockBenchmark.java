package mezzotint.benchmarks.kernels;

import java.util.concurrent.TimeUnit;
import mezzotint.benchmarks.PrxShape;
import mezzotint.kernel.AdamWStep;
import mezzotint.kernel.AttentionInputs;
import mezzotint.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a block does between its products, and its share of the optimizer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BlockBenchmark {
    private static final AdamWStep STEP = new AdamWStep(1e-4, 0.9, 0.95, 1e-15, 0, 1, 1);

    private AttentionInputs attention;
    private AttentionInputs attentionGradients;
    private Tensor logSumExp;
    private Tensor image;
    private Tensor out;
    private Tensor gradient;
    private Tensor perRow;
    private Tensor perRow2;
    private Tensor shift;
    private Tensor scale;
    private final Tensor[] wide = new Tensor[5];
    private final Tensor[] update = new Tensor[4];

    /** Makes the tensors. */
    @Setup
    public void make(KernelState state) {
        PrxShape s = KernelState.SHAPE;
        attention = inputs(state);
        attentionGradients = inputs(state);
        logSumExp = state.tensor(s.batch(), s.heads(), s.tokens());
        image = state.tensor(s.batch(), s.tokens(), s.hidden());
        out = state.tensor(s.batch(), s.tokens(), s.hidden());
        gradient = state.tensor(s.batch(), s.tokens(), s.hidden());
        perRow = state.tensor(s.batch(), s.tokens());
        perRow2 = state.tensor(s.batch(), s.tokens());
        shift = state.tensor(s.batch(), s.hidden());
        scale = state.tensor(s.batch(), s.hidden());
        for (int i = 0; i < wide.length; i++) {
            wide[i] = state.tensor((long) s.batch() * s.tokens(), s.mlp());
        }
        long parameters = 12L * s.hidden() * s.hidden() + 3L * s.hidden() * s.mlp();
        for (int i = 0; i < update.length; i++) {
            update[i] = state.tensor(parameters);
        }
        state.kernels.pointwise().fill(update[2], 0.1f); // a second moment is not negative
        state.kernels.attention().forward(out, logSumExp, attention);
    }

    private static AttentionInputs inputs(KernelState state) {
        PrxShape s = KernelState.SHAPE;
        long[] ofImage = {s.batch(), s.heads(), s.tokens(), s.headWidth()};
        long[] ofText = {s.batch(), s.heads(), s.textTokens(), s.headWidth()};
        return new AttentionInputs(
                state.tensor(ofImage),
                state.tensor(ofText),
                state.tensor(ofText),
                state.tensor(ofImage),
                state.tensor(ofImage),
                state.textMask(),
                (float) (1 / Math.sqrt(s.headWidth())));
    }

    /** 64 queries on 64 image and 32 text keys, 6 heads of 64, 32 pictures. */
    @Benchmark
    public void attentionForward(KernelState state) {
        state.kernels.attention().forward(out, logSumExp, attention);
    }

    /** Its gradients. */
    @Benchmark
    public void attentionBackward(KernelState state) {
        state.kernels.attention().backward(attentionGradients, gradient, out, logSumExp, attention);
    }

    /** 2,048 rows of 384. */
    @Benchmark
    public void adaLayerNormForward(KernelState state) {
        state.kernels.adaLayerNorm().forward(gradient, perRow, perRow2, image, shift, scale, 1e-6f);
    }

    /** Its gradients. */
    @Benchmark
    public void adaLayerNormBackward(KernelState state) {
        state.kernels.adaLayerNorm().backward(gradient, shift, scale, out, image, perRow, perRow2, scale);
    }

    /** 2,048 rows of 1,344. */
    @Benchmark
    public void gegluForward(KernelState state) {
        state.kernels.geglu().forward(wide[0], wide[1], wide[2]);
    }

    /** Its gradients. */
    @Benchmark
    public void gegluBackward(KernelState state) {
        state.kernels.geglu().backward(wide[3], wide[4], wide[0], wide[1], wide[2]);
    }

    /** The 3.3 million parameters of a block. */
    @Benchmark
    public void adamW(KernelState state) {
        state.kernels.update().adamW(update[0], update[1], update[2], update[3], STEP);
    }
}
