package mezzotint.kernel.cuda;

import static mezzotint.tensor.DType.BF16;
import static mezzotint.tensor.DType.F32;
import static mezzotint.tensor.DType.I32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.EncoderKernels.Resample.Taps;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which kernels of encoders and autoencoders are launched, without running them. */
final class EncoderLaunchesTest {
    private static final ConvolutionGeometry SAME = ConvolutionGeometry.padded(1, 1);

    private final RecordedLaunches driver = new RecordedLaunches();
    private final CudaLauncher launcher = driver.launcher();
    private final CudaConvolution convolution = new CudaConvolution(launcher, new CudaMatmul(launcher));

    @AfterEach
    void close() {
        launcher.close();
    }

    private static Tensor f32(long... dims) {
        return RecordedLaunches.tensor(F32, dims);
    }

    private List<String> kernels() {
        return driver.launches().stream().map(RecordedLaunches.Launch::kernel).toList();
    }

    @Test
    void emptyTensorsLaunchNothing() {
        Tensor none = f32(0, 4, 4, 8);
        Tensor weight = f32(8, 8, 3, 3);
        convolution.forward(none, none, weight, null, SAME);
        convolution.backward(none, weight, none, none, weight, SAME);
        var group = new CudaGroupNorm(launcher);
        group.forward(f32(0, 4, 8), f32(0, 2), f32(0, 2), f32(0, 4, 8), f32(8), f32(8), 0);
        group.backward(f32(0, 4, 8), f32(8), f32(8), f32(0, 4, 8), f32(0, 4, 8), f32(0, 2), f32(0, 2), f32(8));
        var layer = new CudaLayerNorm(launcher);
        layer.forward(f32(0, 8), f32(0), f32(0), f32(0, 8), f32(8), f32(8), 0);
        layer.backward(f32(0, 8), f32(8), f32(8), f32(0, 8), f32(0, 8), f32(0), f32(0), f32(8));
        var softmax = new CudaSoftmax(launcher);
        softmax.forward(f32(1, 1, 2, 0), f32(1, 1, 2, 0), null, 1);
        softmax.backward(f32(1, 1, 0, 2), f32(1, 1, 0, 2), f32(1, 1, 0, 2), 1);
        var activation = new CudaActivation(launcher);
        activation.relu(f32(0), f32(0));
        activation.scaleShift(f32(0, 3), f32(0, 3), f32(3), f32(3));
        activation.scaleShiftBackward(f32(0, 3), f32(3), f32(3), f32(0, 3), f32(0, 3), f32(3));
        activation.divideByLast(f32(0, 3), f32(0, 4), 1);
        new CudaPooling(launcher).average(none, none, new PoolingGeometry(1, 1, 0), true);
        var taps = new Taps(RecordedLaunches.tensor(I32, 4), f32(4, 1));
        new CudaResample(launcher).forward(none, none, taps, taps);
        new CudaLayout(launcher).permute(f32(0, 3), f32(3, 0), new long[] {3, 0}, new int[] {1, 0}, false);
        assertEquals(List.of(), kernels());
    }

    @Test
    void unwantedGradientsLaunchNothing() {
        Tensor x = f32(1, 4, 4, 8);
        convolution.backward(null, null, x, x, f32(8, 8, 3, 3), SAME);
        new CudaGroupNorm(launcher)
                .backward(null, null, null, f32(1, 4, 8), f32(1, 4, 8), f32(1, 2), f32(1, 2), f32(8));
        new CudaLayerNorm(launcher).backward(null, null, null, f32(4, 8), f32(4, 8), f32(4), f32(4), f32(8));
        new CudaSoftmax(launcher).backward(null, f32(1, 1, 2, 2), f32(1, 1, 2, 2), 1);
        var activation = new CudaActivation(launcher);
        activation.geluTanhBackward(null, f32(5), f32(5));
        activation.multiplyBackward(null, null, f32(5), f32(5), f32(5));
        activation.scaleShiftBackward(null, null, null, f32(2, 3), f32(2, 3), f32(3));
        activation.divideByLastBackward(null, f32(2, 3), f32(2, 4), 1);
        new CudaPooling(launcher).averageBackward(null, x, new PoolingGeometry(1, 1, 0), true);
        var taps = new Taps(RecordedLaunches.tensor(I32, 4), f32(4, 1));
        new CudaResample(launcher).backward(null, x, taps, taps);
        assertEquals(List.of(), kernels());
    }

    @Test
    void aConvolutionIsTiledDirectOrAPlainProduct() {
        convolution.forward(f32(1, 4, 4, 8), f32(1, 4, 4, 8), RecordedLaunches.tensor(BF16, 8, 8, 3, 3), null, SAME);
        convolution.forward(f32(1, 4, 4, 8), f32(1, 4, 4, 8), f32(8, 1, 3, 3), null, SAME.withGroups(8));
        convolution.forward(
                f32(1, 4, 4, 64), f32(1, 4, 4, 64), f32(64, 64, 1, 1), null, ConvolutionGeometry.padded(1, 0));
        assertEquals(
                List.of(
                        "convolution_weights_bf16",
                        "convolution_forward",
                        "convolution_weights_f32",
                        "convolution_direct_forward"),
                kernels().subList(0, 4));
        assertEquals("matmul", kernels().get(4).substring(0, 6));
    }

    @Test
    void axesThatStayTogetherAreOne() {
        var layout = new CudaLayout(launcher);
        layout.permute(f32(2, 5, 3, 7), f32(2, 3, 5, 7), new long[] {2, 3, 5, 7}, new int[] {0, 2, 1, 3}, false);
        layout.permute(f32(2, 3, 4, 5), f32(2, 4, 5, 3), new long[] {2, 4, 5, 3}, new int[] {0, 3, 1, 2}, false);
        layout.permute(f32(6), f32(6), new long[] {1, 2, 3}, new int[] {0, 1, 2}, true);
        assertEquals(List.of("layout_permute", "layout_transpose", "layout_permute"), kernels());
    }

    @Test
    void refusesMoreRowsThanItCounts() {
        Tensor x = f32((1L << 30) + 1, 2);
        var refused = assertThrows(
                CudaException.class,
                () -> new CudaLayerNorm(launcher).forward(x, f32(1), f32(1), x, f32(2), f32(2), 0));
        assertEquals(
                "launch: rows or pixels of (1073741825, 2) want 1073741824 at most, got 1073741825; cut the batch",
                refused.getMessage());
    }
}
