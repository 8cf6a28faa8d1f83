package mezzotint.kernel.cuda;

import static mezzotint.kernel.cuda.RecordedLaunches.shifted;
import static mezzotint.tensor.DType.BF16;
import static mezzotint.tensor.DType.F32;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import mezzotint.tensor.DType;
import mezzotint.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Geometry of the norms, the rotation and the gate, without running them. */
final class NormLaunchesTest {
    private static final int MOST = Integer.MAX_VALUE;

    private final RecordedLaunches driver = new RecordedLaunches();
    private final CudaLauncher launcher = driver.launcher();

    @AfterEach
    void close() {
        launcher.close();
    }

    private static Tensor f32(long... dims) {
        return RecordedLaunches.tensor(F32, dims);
    }

    private static Tensor of(DType dtype, long... dims) {
        return RecordedLaunches.tensor(dtype, dims);
    }

    private List<String> kernels() {
        return driver.launches().stream().map(RecordedLaunches.Launch::kernel).toList();
    }

    @Test
    void emptyTensorsLaunchNothing() {
        forward(0, 4);
        forward(4, 0);
        backward(f32(0, 4), f32(4));
        var ada = new CudaAdaLayerNorm(launcher);
        ada.forward(f32(2, 0, 8), f32(2, 0), f32(2, 0), f32(2, 0, 8), f32(2, 8), f32(2, 8), 0);
        ada.backward(f32(0, 3, 8), f32(0, 8), f32(0, 8), f32(0, 3, 8), f32(0, 3, 8), f32(0, 3), f32(0, 3), f32(0, 8));
        var rope = new CudaRope(launcher);
        rope.forward(f32(1, 0, 3, 8), f32(1, 0, 3, 8), f32(1, 3, 4, 2));
        rope.backward(f32(0, 2, 3, 8), f32(0, 2, 3, 8), f32(1, 3, 4, 2));
        var heads = new CudaQkNorm(launcher);
        heads.forward(f32(1, 2, 0, 8), null, f32(1, 0, 16), null, null, 0, 0);
        heads.backward(f32(0, 3, 16), null, f32(0, 2, 3, 8), f32(0, 3, 16), null, null, null, 0);
        var geglu = new CudaGeglu(launcher);
        geglu.forward(f32(0, 5), f32(0, 5), f32(0, 5));
        geglu.backward(f32(5, 0), f32(5, 0), f32(5, 0), f32(5, 0), f32(5, 0));
        assertEquals(List.of(), kernels());
    }

    @Test
    void unwantedGradientsLaunchNothing() {
        backward(null, null);
        new CudaAdaLayerNorm(launcher)
                .backward(null, null, null, f32(1, 2, 8), f32(1, 2, 8), f32(1, 2), f32(1, 2), f32(1, 8));
        new CudaRope(launcher).backward(null, f32(1, 2, 3, 8), f32(1, 3, 4, 2));
        new CudaQkNorm(launcher).backward(null, null, f32(1, 2, 3, 8), f32(1, 3, 16), null, null, null, 0);
        new CudaGeglu(launcher).backward(null, null, f32(5), f32(5), f32(5));
        assertEquals(List.of(), kernels());
    }

    @Test
    void sumsOnlyWhatIsWanted() {
        backward(f32(9, 384), null);
        assertEquals(List.of("rms_norm_backward_f32"), kernels());
        new CudaAdaLayerNorm(launcher)
                .backward(null, null, f32(1, 8), f32(1, 2, 8), f32(1, 2, 8), f32(1, 2), f32(1, 2), f32(1, 8));
        assertEquals(
                List.of("rms_norm_backward_f32", "ada_layer_norm_backward_f32", "ada_layer_norm_sums_f32"), kernels());
    }

    @Test
    void takesSixteenBytesOnlyWhereEveryRowAllowsIt() {
        forward(9, 384);
        forward(9, 385);
        var norm = new CudaRmsNorm(launcher);
        norm.forward(f32(9, 384), f32(9), shifted(1, 9, 384), f32(384), 0);
        norm.forward(f32(9, 384), f32(9), shifted(4, 9, 384), f32(384), 0);
        norm.forward(of(BF16, 9, 388), f32(9), of(BF16, 9, 388), f32(388), 0);
        norm.forward(of(BF16, 9, 392), f32(9), of(BF16, 9, 392), f32(392), 0);
        assertEquals(
                List.of(
                        "rms_norm_forward_f32",
                        "rms_norm_forward_single_f32",
                        "rms_norm_forward_single_f32",
                        "rms_norm_forward_f32",
                        "rms_norm_forward_single_bf16",
                        "rms_norm_forward_bf16"),
                kernels());
    }

    @Test
    void aRowWiderThanABlockIsTakenInSingleElements() {
        forward(1, 2560);
        forward(1, 2564);
        assertEquals(List.of("rms_norm_forward_f32", "rms_norm_forward_single_f32"), kernels());
        assertEquals(640, driver.launches().get(0).grid().threads());
        assertEquals(384, driver.launches().get(1).grid().threads());
    }

    @Test
    void headsAreWideWhereColumnAndProjectionAreToo() {
        var heads = new CudaQkNorm(launcher);
        heads.forward(f32(1, 2, 3, 64), null, f32(1, 3, 384), null, null, 128, 0);
        heads.forward(f32(1, 2, 3, 64), null, f32(1, 3, 384), null, null, 129, 0);
        heads.forward(f32(1, 2, 3, 64), null, f32(1, 3, 385), null, null, 128, 0);
        assertEquals(
                List.of("qk_norm_forward_f32", "qk_norm_forward_single_f32", "qk_norm_forward_single_f32"), kernels());
    }

    /** Grids have room for 2³¹ − 1 blocks; a launch that needs more is refused by {@link LaunchGrid}. */
    @Test
    void takesTwoBillionRows() {
        forward(MOST, 2);
        backward(f32(MOST, 2), f32(2));
        new CudaGeglu(launcher).forward(f32(MOST, 3), f32(MOST, 3), f32(MOST, 3));
        new CudaRope(launcher).forward(f32(1, 1, MOST, 2), f32(1, 1, MOST, 2), f32(1, MOST, 1, 2));
        new CudaQkNorm(launcher).forward(f32(1, 1, MOST, 2), null, f32(1, MOST, 2), null, null, 0, 0);
        assertEquals(1 << 30, driver.launches().getFirst().grid().x());
        assertEquals(6, driver.launches().size());
    }

    @Test
    void refusesMoreHeadsThanALaunchHas() {
        var refused = assertThrows(
                CudaException.class,
                () -> new CudaQkNorm(launcher)
                        .forward(f32(1, 2, 1 << 30, 2), null, f32(1, 1 << 30, 4), null, null, 0, 0));
        assertEquals(
                "qk_norm: heads (1, 2, 1073741824, 2) are more than the 2147483647 rows of one launch; cut the batch",
                refused.getMessage());
    }

    private void forward(int n, int d) {
        new CudaRmsNorm(launcher).forward(f32(n, d), f32(n), f32(n, d), f32(d), 1e-6f);
    }

    private void backward(Tensor gradX, Tensor gradScale) {
        Tensor x = gradX == null ? f32(3, 4) : gradX;
        long n = x.shape().dim(0);
        long d = x.shape().dim(1);
        new CudaRmsNorm(launcher).backward(gradX, gradScale, x, x, f32(n), f32(d));
    }
}
