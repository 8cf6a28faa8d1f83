package mezzotint.kernel.cpu;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import mezzotint.kernel.AdamWStep;
import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.Tensors;

/** Warms every row kernel up and prints how many bytes of Java heap one call takes then. */
final class AllocationProbe {
    private static final int WARM_UP = 4_000;
    private static final int CALLS = 200;

    private final Tensors tensors = new Tensors();
    private final Kernels kernels = new CpuTestKernels(Devices.machineWidth(), 1);
    private final Map<String, Runnable> runs = new LinkedHashMap<>();

    private AllocationProbe() {
        Tensor x = tensors.normal(1, 2, 3, 320);
        Tensor y = tensors.normal(2, 2, 3, 320);
        Tensor z = tensors.normal(3, 2, 3, 320);
        Tensor a = tensors.normal(4, 2, 320);
        Tensor b = tensors.normal(5, 2, 320);
        Tensor c = tensors.normal(6, 2, 320);
        Tensor rows = tensors.normal(7, 2, 3);
        Tensor factors = tensors.normal(8, 2, 3);
        rows(x, y, z, a, b, c, rows);
        pointwise(x, y, z);
        others(x, y, z, factors);
        encoders(x, y, z);
        attention();
    }

    private void attention() {
        Tensor query = tensors.normal(23, 1, 2, 64, 64);
        Tensor text = tensors.normal(24, 1, 2, 32, 64);
        Tensor out = tensors.normal(25, 1, 64, 128);
        Tensor sums = tensors.normal(26, 1, 2, 64);
        var in = new AttentionInputs(query, text, text, query, query, null, 0.125f);
        runs.put("attention", () -> kernels.attention().forward(out, sums, in));
        runs.put("attention backward", () -> kernels.attention().backward(in, out, out, sums, in));
        runs.put("attention first backward", () -> kernels.attention().firstBackward(in, out, out, sums, in));
        Tensor x = tensors.normal(27, 1, 64, 384);
        Tensor scale = tensors.normal(28, 64);
        Tensor table = tensors.normal(29, 1, 64, 32, 2);
        Tensor rstd = tensors.normal(30, 1, 64, 2);
        runs.put("qkNorm", () -> kernels.qkNorm().forward(query, rstd, x, scale, table, 128, 1e-6f));
        runs.put("qkNorm, layout alone", () -> kernels.qkNorm().forward(query, null, x, null, null, 256, 1e-6f));
    }

    private void encoders(Tensor x, Tensor y, Tensor z) {
        Tensor scale = tensors.normal(13, 320);
        Tensor shift = tensors.normal(14, 320);
        Tensor mean = tensors.normal(15, 2, 4);
        Tensor rstd = tensors.normal(16, 2, 4);
        var group = kernels.groupNorm();
        runs.put("groupNorm", () -> group.forward(y, mean, rstd, x, scale, shift, 1e-6f));
        runs.put("groupNorm backward", () -> group.backward(z, scale, shift, y, x, mean, rstd, scale));
        Tensor means = tensors.normal(17, 6);
        Tensor rstds = tensors.normal(18, 6);
        Tensor rows = x.view(6, 320);
        var layer = kernels.layerNorm();
        runs.put("layerNorm", () -> layer.forward(y.view(6, 320), means, rstds, rows, scale, shift, 1e-6f));
        runs.put(
                "layerNorm backward",
                () -> layer.backward(z.view(6, 320), scale, shift, y.view(6, 320), rows, means, rstds, scale));
        Tensor scores = x.view(2, 1, 3, 320);
        Tensor mask = tensors.of(new boolean[2 * 3 * 320], 2, 3, 320);
        var softmax = kernels.softmax();
        runs.put("softmax", () -> softmax.forward(y.view(2, 1, 3, 320), scores, null, 0.1f));
        runs.put("masked softmax", () -> softmax.forward(y.view(2, 1, 3, 320), scores, mask, 0.1f));
        runs.put("softmax backward", () -> softmax.backward(z.view(2, 1, 3, 320), scores, y.view(2, 1, 3, 320), 0.1f));
        var activation = kernels.activation();
        runs.put("relu", () -> activation.relu(y, x));
        runs.put("relu backward", () -> activation.reluBackward(z, x, x));
        runs.put("geluTanh", () -> activation.geluTanh(y, x));
        runs.put("geluTanh backward", () -> activation.geluTanhBackward(z, x, x));
        runs.put("quickGelu", () -> activation.quickGelu(y, x));
        runs.put("quickGelu backward", () -> activation.quickGeluBackward(z, x, x));
        runs.put("multiply", () -> activation.multiply(y, x, x));
        runs.put("scaleShift", () -> activation.scaleShift(y.view(6, 320), rows, scale, shift));
        pictures();
    }

    private void pictures() {
        Tensor x = tensors.normal(19, 1, 4, 4, 320);
        Tensor y = tensors.normal(20, 1, 4, 4, 320);
        Tensor weight = tensors.normal(21, 320, 1, 3, 3);
        Tensor gradWeight = tensors.normal(22, 320, 1, 3, 3);
        Tensor index = tensors.arena().allocate(Shape.of(1, 4, 4, 320), DType.I32);
        var depthwise = ConvolutionGeometry.padded(1, 1).withGroups(320);
        var convolution = kernels.convolution();
        runs.put("depthwise", () -> convolution.forward(y, x, weight, null, depthwise));
        runs.put("depthwise backward", () -> convolution.backward(y, gradWeight, x, x, weight, depthwise));
        var window = new PoolingGeometry(3, 1, 1);
        runs.put("maxPool", () -> kernels.pooling().max(y, index, x, window));
        runs.put("averagePool", () -> kernels.pooling().average(y, x, window, true));
    }

    private void rows(Tensor x, Tensor y, Tensor z, Tensor a, Tensor b, Tensor c, Tensor perRow) {
        var norm = kernels.adaLayerNorm();
        Tensor rstd = tensors.normal(9, 2, 3);
        runs.put("adaLayerNorm", () -> norm.forward(y, perRow, rstd, x, a, b, 1e-6f));
        runs.put("adaLayerNorm backward", () -> norm.backward(z, a, b, y, x, perRow, rstd, c));
        runs.put("geglu", () -> kernels.geglu().forward(y, x, z));
        runs.put("geglu backward", () -> kernels.geglu().backward(y, z, x, x, x));
        runs.put("geglu first backward", () -> kernels.geglu().firstBackward(y, z, x, x, x));
        runs.put("gatedResidual", () -> kernels.pointwise().gatedResidual(y, x, a, z));
        runs.put("gatedResidual backward", () -> kernels.pointwise().gatedResidualBackward(y, a, z, x, b, x));
        runs.put(
                "gatedResidual first backward", () -> kernels.pointwise().firstGatedResidualBackward(y, a, z, x, b, x));
    }

    private void pointwise(Tensor x, Tensor y, Tensor z) {
        var pointwise = kernels.pointwise();
        Tensor half = tensors.arena().allocate(Shape.of(2, 3, 320), DType.BF16);
        runs.put("silu", () -> pointwise.silu(y, x));
        runs.put("silu backward", () -> pointwise.siluBackward(z, x, x));
        runs.put("gelu", () -> pointwise.gelu(y, x));
        runs.put("gelu backward", () -> pointwise.geluBackward(z, x, x));
        runs.put("add", () -> pointwise.add(y, x, x));
        runs.put("addScaled", () -> pointwise.addScaled(y, x, 0.1f));
        runs.put("scale", () -> pointwise.scale(y, x, 0.1f));
        runs.put("fill", () -> pointwise.fill(z, 0));
        runs.put("cast to bf16", () -> pointwise.cast(half, x));
        runs.put("cast from bf16", () -> pointwise.cast(y, half));
    }

    private void others(Tensor x, Tensor y, Tensor z, Tensor factors) {
        Tensor image = tensors.normal(10, 2, 3, 16, 16);
        Tensor patches = tensors.normal(11, 2, 4, 192);
        Tensor loss = tensors.normal(12, 2);
        Tensor sums = tensors.arena().zeros(Shape.of(1), DType.F64);
        var step = new AdamWStep(1e-4, 0.9, 0.95, 1e-8, 0, 1, 10);
        runs.put("patchify", () -> kernels.tokens().patchify(patches, image, 8, false));
        runs.put("unpatchify", () -> kernels.tokens().unpatchify(image, patches, 8, true));
        runs.put("combine", () -> kernels.flowMatch().combine(y, x, z, factors));
        runs.put("combine backward", () -> kernels.flowMatch().combineBackward(y, z, x, factors));
        runs.put("meanSquare", () -> kernels.flowMatch().meanSquare(loss, x, x));
        runs.put("meanSquare backward", () -> kernels.flowMatch().meanSquareBackward(y, loss, x, x));
        runs.put("normal", () -> kernels.flowMatch().normal(y, 1, 2, 3));
        runs.put("adamW", () -> kernels.update().adamW(y, z, z, x, step));
        runs.put("movingAverage", () -> kernels.update().movingAverage(y, x, 0.9f));
        runs.put("sumOfSquares", () -> kernels.update().sumOfSquares(sums, 0, x));
    }

    public static void main(String[] arguments) {
        JitDirectives.install();
        var bean = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        new AllocationProbe().runs.forEach((name, run) -> {
            for (int i = 0; i < WARM_UP; i++) {
                run.run();
            }
            long before = bean.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < CALLS; i++) {
                run.run();
            }
            System.out.println("bytes " + (bean.getCurrentThreadAllocatedBytes() - before) / CALLS + " " + name);
        });
    }
}
