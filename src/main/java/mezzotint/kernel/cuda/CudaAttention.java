package mezzotint.kernel.cuda;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** Attention in {@code attention.cu}; which of its kernels, {@link AttentionPlan} decides. */
final class CudaAttention implements Kernels.Attention {
    private static final String MODULE = "attention";
    private static final int DELTA_ROWS = 32;

    private final CudaLauncher launcher;

    CudaAttention(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void forward(Tensor out, Tensor logSumExp, AttentionInputs in) {
        if (in.query().shape().elements() == 0) {
            return;
        }
        var plan = AttentionPlan.of(in, Stream.of(out));
        launch("attention_forward", plan, plan.forward(), in, a -> a.tensor(out).tensor(logSumExp));
    }

    @Override
    public void backward(AttentionInputs gradients, Tensor gradOut, Tensor out, Tensor logSumExp, AttentionInputs in) {
        if (in.query().shape().elements() == 0) {
            return;
        }
        var plan = AttentionPlan.of(in, Stream.concat(Stream.of(gradOut, out), AttentionPlan.tensors(gradients)));
        long delta = delta(plan, gradOut, out);
        if (gradients.query() != null) {
            launch(
                    "attention_backward_query",
                    plan,
                    plan.backwardQuery(),
                    in,
                    a -> a.tensor(gradients.query())
                            .tensor(gradOut)
                            .tensor(logSumExp)
                            .wide(delta));
        }
        if (AttentionPlan.tensors(gradients).anyMatch(x -> x != gradients.query()) && plan.keyRows() > 0) {
            launch(
                    "attention_backward_keys",
                    plan,
                    plan.backwardKeys(),
                    in,
                    a -> a.tensor(gradients.textKeys())
                            .tensor(gradients.textValues())
                            .tensor(gradients.keys())
                            .tensor(gradients.values())
                            .tensor(gradOut)
                            .tensor(logSumExp)
                            .wide(delta));
        }
    }

    /** Σ dO ⊙ out of every query, in scratch memory. */
    private long delta(AttentionPlan plan, Tensor gradOut, Tensor out) {
        long delta = launcher.scratch(4 * plan.queryRows());
        launcher.launch(
                MODULE,
                "attention_delta" + CudaLauncher.suffix(plan.dtype()),
                LaunchGrid.of((plan.queryRows() + DELTA_ROWS - 1) / DELTA_ROWS, 8 * DELTA_ROWS),
                a -> a.wide(delta)
                        .tensor(gradOut)
                        .tensor(out)
                        .integer(plan.heads())
                        .integer(plan.queries())
                        .integer(plan.width())
                        .wide(plan.queryRows())
                        .integer(plan.wide() ? 1 : 0));
        return delta;
    }

    private void launch(
            String kernel,
            AttentionPlan plan,
            LaunchGrid grid,
            AttentionInputs in,
            UnaryOperator<LaunchArguments> own) {
        launcher.launch(
                MODULE,
                kernel + plan.variant(),
                grid,
                a -> own.apply(a)
                        .tensor(in.query())
                        .tensor(in.textKeys())
                        .tensor(in.textValues())
                        .tensor(in.keys())
                        .tensor(in.values())
                        .tensor(in.textMask())
                        .integer(plan.heads())
                        .integer(plan.queries())
                        .integer(plan.text())
                        .integer(plan.image())
                        .integer(plan.width())
                        .real(in.scale())
                        .integer(plan.wide() ? 1 : 0));
    }
}
