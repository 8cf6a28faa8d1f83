package mezzotint.kernel.cuda;

import java.util.function.Consumer;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** Launches {@code muon.cu}. */
final class CudaMuon implements Kernels.Muon {
    private final CudaLauncher launcher;

    CudaMuon(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void momentum(
            Tensor update, Tensor momentum, Tensor gradient, double beta, boolean nesterov, double gradientScale) {
        each(
                "momentum",
                update,
                Tiles.group(DType.F32),
                a -> a.tensor(update)
                        .tensor(momentum)
                        .tensor(gradient)
                        .real((float) beta)
                        .real((float) (1 - beta))
                        .real((float) gradientScale)
                        .integer(nesterov ? 1 : 0));
    }

    @Override
    public void normalize(Tensor y, Tensor x, Tensor sumOfSquares, int slot, double eps) {
        long sum = sumOfSquares.address() + (long) Double.BYTES * slot;
        each(
                "normalize",
                y,
                Tiles.group(y.dtype()),
                a -> a.tensor(y).tensor(x).wide(sum).real64(eps));
    }

    @Override
    public void combine(Tensor y, Tensor x, Tensor z, float a, float b) {
        each(
                "combine",
                y,
                Tiles.group(y.dtype()),
                arguments -> arguments.tensor(y).tensor(x).tensor(z).real(a).real(b));
    }

    @Override
    public void step(Tensor value, Tensor direction, double learningRate, double scale, double weightDecay) {
        each(
                "step",
                direction,
                Tiles.group(DType.F32),
                a -> a.tensor(value)
                        .tensor(direction)
                        .real((float) (1 - learningRate * weightDecay))
                        .real((float) (-learningRate * scale)));
    }

    /** One tile a block, the entry of the iteration's type; the number of elements is the last argument. */
    private void each(String kernel, Tensor typed, int group, Consumer<LaunchArguments> fill) {
        long elements = typed.shape().elements();
        if (elements > 0) {
            String entry = "muon_" + kernel + CudaLauncher.suffix(typed.dtype());
            launcher.launch("muon", entry, Tiles.grid(elements, group), a -> {
                fill.accept(a);
                a.wide(elements);
            });
        }
    }
}
