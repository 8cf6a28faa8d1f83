package mezzotint.kernel.cuda;

import java.util.function.Consumer;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;

/** Launches {@code pointwise.cu}. */
final class CudaPointwise implements Kernels.Pointwise {
    private static final String MODULE = "pointwise";

    /** Rows that one block sums for the gate's gradient. */
    private static final int GATE_ROWS = 64;

    private static final int LANES_ACROSS = 32;
    private static final int LANES_DOWN = 8;

    private final CudaLauncher launcher;

    CudaPointwise(CudaLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public void silu(Tensor y, Tensor x) {
        each("silu", y, a -> a.tensor(y).tensor(x));
    }

    @Override
    public void siluBackward(Tensor gradX, Tensor gradY, Tensor x) {
        if (gradX != null) {
            each("silu_backward", gradX, a -> a.tensor(gradX).tensor(gradY).tensor(x));
        }
    }

    @Override
    public void gelu(Tensor y, Tensor x) {
        each("gelu", y, a -> a.tensor(y).tensor(x));
    }

    @Override
    public void geluBackward(Tensor gradX, Tensor gradY, Tensor x) {
        if (gradX != null) {
            each("gelu_backward", gradX, a -> a.tensor(gradX).tensor(gradY).tensor(x));
        }
    }

    @Override
    public void add(Tensor y, Tensor a, Tensor b) {
        each("add", y, arguments -> arguments.tensor(y).tensor(a).tensor(b));
    }

    @Override
    public void addScaled(Tensor y, Tensor x, float factor) {
        each("add_scaled", y, a -> a.tensor(y).tensor(x).real(factor));
    }

    @Override
    public void scale(Tensor y, Tensor x, float factor) {
        each("scale", y, a -> a.tensor(y).tensor(x).real(factor));
    }

    @Override
    public void fill(Tensor y, float value) {
        each("fill", y, a -> a.tensor(y).real(value));
    }

    /** One tile a block; the number of elements is the last argument. */
    private void each(String kernel, Tensor y, Consumer<LaunchArguments> fill) {
        long elements = y.shape().elements();
        if (elements > 0) {
            LaunchGrid grid = Tiles.grid(elements, Tiles.group(y.dtype()));
            launcher.launch(MODULE, kernel + CudaLauncher.suffix(y.dtype()), grid, a -> {
                fill.accept(a);
                a.wide(elements);
            });
        }
    }

    @Override
    public void cast(Tensor y, Tensor x) {
        long elements = y.shape().elements();
        if (elements == 0) {
            return;
        }
        if (y.dtype() == x.dtype()) {
            launcher.driver().copy(launcher.stream(), y.address(), x.address(), y.byteSize());
            return;
        }
        String kernel = "cast" + CudaLauncher.suffix(y.dtype()) + CudaLauncher.suffix(x.dtype());
        LaunchGrid grid = Tiles.grid(elements, Tiles.group(DType.F32));
        launcher.launch(MODULE, kernel, grid, a -> a.tensor(y).tensor(x).wide(elements));
    }

    @Override
    public void gatedResidual(Tensor y, Tensor x, Tensor gate, Tensor branch) {
        int samples = x.shape().size(0);
        int l = x.shape().size(1);
        int d = x.shape().size(2);
        if (x.shape().elements() > 0) {
            long tiles = Tiles.count((long) l * d, Tiles.group(y.dtype()));
            launcher.launch(
                    MODULE,
                    "gated_residual" + CudaLauncher.suffix(y.dtype()),
                    LaunchGrid.of(samples * tiles, Tiles.THREADS),
                    a -> a.tensor(y)
                            .tensor(x)
                            .tensor(gate)
                            .tensor(branch)
                            .integer(l)
                            .integer(d)
                            .integer((int) tiles));
        }
    }

    @Override
    public void gatedResidualBackward(
            Tensor gradX, Tensor gradGate, Tensor gradBranch, Tensor gradY, Tensor gate, Tensor branch) {
        int samples = gradY.shape().size(0);
        int l = gradY.shape().size(1);
        int d = gradY.shape().size(2);
        if (gradY.shape().elements() == 0 || (gradX == null && gradGate == null && gradBranch == null)) {
            return;
        }
        String suffix = CudaLauncher.suffix(gradY.dtype());
        int pieces = (l + GATE_ROWS - 1) / GATE_ROWS;
        long partial = gradGate == null ? 0 : launcher.scratch((long) Float.BYTES * samples * pieces * d);
        int group = Tiles.group(gradY.dtype());
        boolean wide = d % group == 0 && Tiles.aligned(gradX, gradBranch, gradY, gate, branch);
        int columns = LANES_ACROSS * (wide ? group : 1);
        var grid = new LaunchGrid((d + columns - 1) / columns, pieces, samples, LANES_ACROSS, LANES_DOWN, 1, 0);
        String kernel = "gated_residual_backward" + (wide ? "_wide" : "_any") + suffix;
        launcher.launch(
                MODULE,
                kernel,
                grid,
                a -> a.tensor(gradX)
                        .tensor(gradBranch)
                        .wide(partial)
                        .tensor(gradY)
                        .tensor(gate)
                        .tensor(branch)
                        .integer(l)
                        .integer(d));
        if (gradGate != null) {
            long elements = (long) samples * d;
            launcher.launch(
                    MODULE,
                    "gate_sums" + suffix,
                    LaunchGrid.of(Tiles.blocks(elements, 1), Tiles.THREADS),
                    a -> a.tensor(gradGate)
                            .wide(partial)
                            .integer(pieces)
                            .integer(d)
                            .wide(elements));
        }
    }

    @Override
    public void sinusoid(Tensor y, Tensor x, float factor, float maxPeriod) {
        int width = y.shape().size(-1);
        long rows = x.shape().elements();
        if (rows == 0 || width == 0) {
            return;
        }
        long elements = rows * (width - width / 2);
        LaunchGrid grid = LaunchGrid.of(Tiles.blocks(elements, 1), Tiles.THREADS);
        launcher.launch(
                MODULE,
                "sinusoid" + CudaLauncher.suffix(y.dtype()),
                grid,
                a -> a.tensor(y)
                        .tensor(x)
                        .real(factor)
                        .real((float) -Math.log(maxPeriod))
                        .integer(width)
                        .wide(rows));
    }
}
