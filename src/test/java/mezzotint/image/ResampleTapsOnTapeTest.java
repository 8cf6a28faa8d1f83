package mezzotint.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import mezzotint.autograd.Tape;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResampleTapsOnTapeTest {
    private final Random random = new Random(4);

    /** The same taps, on floats and on the tape; the gradient is the transpose: ⟨g, R x⟩ = ⟨Rᵀ g, x⟩. */
    @ParameterizedTest
    @EnumSource
    void theTapeResizesAsTheCpuDoes(Interpolation interpolation) {
        ResampleTaps rows = ResampleTaps.toSize(interpolation, 9, 5);
        ResampleTaps columns = ResampleTaps.toSize(interpolation, 7, 12).range(2, 8);
        float[] x = values(9 * 7);
        float[] expected = new PlanarImage(1, 9, 7, x).resized(rows, columns).values();
        try (Device device = CpuDevice.open();
                TensorArena activations = device.arena(1 << 20);
                TensorArena gradients = device.arena(1 << 20);
                Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
            Tensor in = tape.watch(tape.constant(x, 1, 9, 7, 1));
            Tensor out = tape.encoders().resample(in, rows.onTape(tape), columns.onTape(tape));
            assertArrayEquals(expected, out.toFloats(), 1e-5f); // sums of float32 products up to 1
            float[] g = values(expected.length);
            tape.backward(out, tape.constant(g, 1, 5, 8, 1));
            assertEquals(dot(g, expected), dot(tape.gradient(in).toFloats(), x), 1e-4); // sums of 60 numbers up to 1
        }
    }

    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
