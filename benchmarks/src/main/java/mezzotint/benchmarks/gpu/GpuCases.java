package mezzotint.benchmarks.gpu;

import java.util.ArrayList;
import java.util.List;
import mezzotint.kernel.AdamWStep;
import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** The kernels of a PRX block and of a training step, at sizes of PRX-small (D 1792, 28 heads of 64) and larger ones. */
final class GpuCases {
    private static final int B = 8;
    private static final int L = 1024;
    private static final int D = 1792;
    private static final int H = 28;
    private static final int T = 256;
    private static final int M = 4864;
    private static final float EPS = 1e-6f;

    private final Kernels kernels;
    private final TensorArena arena;
    private final List<GpuCase> all = new ArrayList<>();
    private long seed;

    private GpuCases(Kernels kernels, TensorArena arena) {
        this.kernels = kernels;
        this.arena = arena;
    }

    /** All of them, tensors in {@code arena}, which wants 24 GiB. */
    static List<GpuCase> of(Kernels kernels, TensorArena arena) {
        var cases = new GpuCases(kernels, arena);
        for (DType dtype : List.of(DType.BF16, DType.F32)) {
            cases.products(dtype);
            cases.attention(dtype);
            cases.norms(dtype);
            cases.pointwise(dtype);
        }
        cases.update();
        return List.copyOf(cases.all);
    }

    private void products(DType dtype) {
        product("matmul", dtype, 4096, 4096, 4096, false, true);
        product("matmul", dtype, B * L, 3 * D, D, false, true);
        product("matmul", dtype, B * L, D, D, false, true);
        product("matmul input gradient", dtype, B * L, D, 3 * D, false, false);
        product("matmul weight gradient", dtype, 3 * D, D, B * L, true, false);
    }

    private void product(String name, DType dtype, int m, int n, int k, boolean transposeA, boolean transposeB) {
        Tensor a = transposeA ? normal(dtype, k, m) : normal(dtype, m, k);
        Tensor b = transposeB ? normal(dtype, n, k) : normal(dtype, k, n);
        Tensor c = empty(dtype, m, n);
        add(
                name,
                "%dx%dx%d".formatted(m, n, k),
                dtype,
                2.0 * m * n * k,
                List.of(a, b, c),
                () -> kernels.matmul().multiply(c, a, b, null, transposeA, transposeB, false));
    }

    private void attention(DType dtype) {
        attention(dtype, B, H, L, T, 64);
        attention(dtype, 2, H, 4096, T, 64);
        attention(dtype, 2, 16, 4096, T, 128);
    }

    private void attention(DType dtype, int b, int h, int l, int t, int d) {
        float scale = (float) (1 / Math.sqrt(d));
        var in = new AttentionInputs(
                normal(dtype, b, h, l, d),
                normal(dtype, b, h, t, d),
                normal(dtype, b, h, t, d),
                normal(dtype, b, h, l, d),
                normal(dtype, b, h, l, d),
                null,
                scale);
        Tensor out = empty(dtype, b, l, (long) h * d);
        Tensor logSumExp = empty(DType.F32, b, h, l);
        double flops = 4.0 * b * h * l * (l + t) * d;
        String shape = "b%d h%d l%d t%d d%d".formatted(b, h, l, t, d);
        List<Tensor> moved = List.of(in.query(), in.textKeys(), in.textValues(), in.keys(), in.values(), out);
        add(
                "attention forward",
                shape,
                dtype,
                flops,
                moved,
                () -> kernels.attention().forward(out, logSumExp, in));
        var gradients = new AttentionInputs(
                zeros(in.query()),
                zeros(in.textKeys()),
                zeros(in.textValues()),
                zeros(in.keys()),
                zeros(in.values()),
                null,
                scale);
        Tensor gradOut = normal(dtype, b, l, (long) h * d);
        add(
                "attention backward",
                shape,
                dtype,
                2.5 * flops,
                moved,
                () -> kernels.attention().backward(gradients, gradOut, out, logSumExp, in));
    }

    private void norms(DType dtype) {
        int rows = B * L * 4;
        Tensor x = normal(dtype, rows, D);
        Tensor y = empty(dtype, rows, D);
        Tensor gradX = zeros(x);
        Tensor scale = normal(DType.F32, D);
        Tensor gradScale = zeros(scale);
        Tensor rstd = empty(DType.F32, rows);
        String shape = rows + "x" + D;
        add(
                "rms norm forward",
                shape,
                dtype,
                0,
                List.of(x, y),
                () -> kernels.rmsNorm().forward(y, rstd, x, scale, EPS));
        add(
                "rms norm backward",
                shape,
                dtype,
                0,
                List.of(x, y, gradX, gradX),
                () -> kernels.rmsNorm().backward(gradX, gradScale, y, x, rstd, scale));
        Tensor x3 = x.view(4 * B, L, D);
        Tensor y3 = y.view(4 * B, L, D);
        Tensor mean = empty(DType.F32, 4 * B, L);
        Tensor deviation = rstd.view(4 * B, L);
        Tensor shift = normal(dtype, 4 * B, D);
        Tensor modulation = normal(dtype, 4 * B, D);
        add(
                "ada layer norm forward",
                shape,
                dtype,
                0,
                List.of(x, y),
                () -> kernels.adaLayerNorm().forward(y3, mean, deviation, x3, shift, modulation, EPS));
        Tensor gradShift = zeros(shift);
        Tensor gradModulation = zeros(shift);
        add(
                "ada layer norm backward",
                shape,
                dtype,
                0,
                List.of(x, y, gradX, gradX),
                () -> kernels.adaLayerNorm()
                        .backward(
                                gradX.view(4 * B, L, D),
                                gradShift,
                                gradModulation,
                                y3,
                                x3,
                                mean,
                                deviation,
                                modulation));
        heads(dtype);
    }

    private void heads(DType dtype) {
        Tensor fused = normal(dtype, B, L, 3 * D);
        Tensor heads = empty(dtype, B, H, L, 64);
        Tensor rstd = empty(DType.F32, B, L, H);
        Tensor scale = normal(DType.F32, 64);
        Tensor table = normal(DType.F32, 1, L, 32, 2);
        Tensor gradFused = zeros(fused);
        Tensor gradScale = zeros(scale);
        String shape = "b%d l%d h%d d64".formatted(B, L, H);
        add(
                "qk norm forward",
                shape,
                dtype,
                0,
                List.of(heads, heads),
                () -> kernels.qkNorm().forward(heads, rstd, fused, scale, table, D, EPS));
        add(
                "qk norm backward",
                shape,
                dtype,
                0,
                List.of(heads, heads, heads, heads),
                () -> kernels.qkNorm().backward(gradFused, gradScale, heads, fused, rstd, scale, table, D));
    }

    private void pointwise(DType dtype) {
        int rows = B * L * 2;
        Tensor gate = normal(dtype, rows, M);
        Tensor up = normal(dtype, rows, M);
        Tensor y = empty(dtype, rows, M);
        Tensor gradGate = zeros(gate);
        Tensor gradUp = zeros(up);
        String shape = rows + "x" + M;
        add(
                "geglu forward",
                shape,
                dtype,
                0,
                List.of(gate, up, y),
                () -> kernels.geglu().forward(y, gate, up));
        add(
                "geglu backward",
                shape,
                dtype,
                0,
                List.of(gate, up, y, gate, up, gate, up),
                () -> kernels.geglu().backward(gradGate, gradUp, y, gate, up));
        add(
                "silu forward",
                shape,
                dtype,
                0,
                List.of(gate, y),
                () -> kernels.pointwise().silu(y, gate));
        Tensor x = normal(dtype, 2 * B, L, D);
        Tensor branch = normal(dtype, 2 * B, L, D);
        Tensor sum = empty(dtype, 2 * B, L, D);
        Tensor gates = normal(dtype, 2 * B, D);
        add(
                "gated residual forward",
                "%dx%dx%d".formatted(2 * B, L, D),
                dtype,
                0,
                List.of(x, branch, sum),
                () -> kernels.pointwise().gatedResidual(sum, x, gates, branch));
        Tensor pictures = normal(dtype, 32, 3, 1024, 1024);
        Tensor tokens = empty(dtype, 32, 1024, 3072);
        add(
                "patchify",
                "b32 3x1024x1024 p32",
                dtype,
                0,
                List.of(pictures, tokens),
                () -> kernels.tokens().patchify(tokens, pictures, 32, false));
    }

    private void update() {
        int n = 100_000_000;
        Tensor value = normal(DType.F32, n);
        Tensor gradient = normal(DType.F32, n);
        Tensor first = zeros(value);
        Tensor second = zeros(value);
        var step = new AdamWStep(1e-4, 0.9, 0.95, 1e-8, 0.01, 1, 10);
        add(
                "adamw",
                "100M",
                DType.F32,
                0,
                List.of(value, value, first, first, second, second, gradient),
                () -> kernels.update().adamW(value, first, second, gradient, step));
        Tensor sum = arena.zeros(Shape.of(1), DType.F64);
        add(
                "sum of squares",
                "100M",
                DType.F32,
                0,
                List.of(value),
                () -> kernels.update().sumOfSquares(sum, 0, value));
        add(
                "normal noise",
                "100M",
                DType.F32,
                0,
                List.of(first),
                () -> kernels.flowMatch().normal(first, 1, 2, 0));
        add(
                "moving average",
                "100M",
                DType.F32,
                0,
                List.of(value, value, gradient),
                () -> kernels.update().movingAverage(value, gradient, 0.999));
    }

    private void add(String name, String shape, DType dtype, double flops, List<Tensor> moved, Runnable work) {
        double bytes = moved.stream().mapToDouble(Tensor::byteSize).sum();
        all.add(new GpuCase(name, shape, dtype.name().toLowerCase(java.util.Locale.ROOT), flops, bytes, work));
    }

    private Tensor normal(DType dtype, long... dims) {
        Tensor numbers = arena.allocate(Shape.of(dims), DType.F32);
        kernels.flowMatch().normal(numbers, seed++, 0, 0);
        if (dtype == DType.F32) {
            return numbers;
        }
        Tensor narrow = arena.allocate(Shape.of(dims), dtype);
        kernels.pointwise().cast(narrow, numbers);
        return narrow;
    }

    private Tensor empty(DType dtype, long... dims) {
        return arena.allocate(Shape.of(dims), dtype);
    }

    private Tensor zeros(Tensor like) {
        return arena.zeros(like.shape(), like.dtype());
    }
}
