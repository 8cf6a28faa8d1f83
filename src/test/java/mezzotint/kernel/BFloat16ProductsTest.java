package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BFloat16ProductsTest {
    private final TestDevice device = new TestDevice();
    private final TensorArena arena = device.arena(4 << 20);
    private final TensorArena scratch = device.arena(1 << 20);
    private final Kernels mixed = new BFloat16Products(device.kernels(), scratch);

    @AfterEach
    void free() {
        arena.close();
        scratch.close();
    }

    private static float[] rounded(float[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = BFloat16.toFloat(BFloat16.fromFloat(values[i]));
        }
        return narrow;
    }

    private float[] product(Kernels kernels, float[] a, float[] b, int rows, int columns) {
        Tensor c = arena.allocate(rows, columns);
        kernels.matmul()
                .multiply(
                        c,
                        arena.allocate(rows, 7).set(a),
                        arena.allocate(columns, 7).set(b),
                        null,
                        false,
                        true,
                        false);
        return c.toFloats();
    }

    @Test
    void multipliesRoundedOperandsAndSumsInFloat32() {
        float[] a = Tensors.normals(1, 5 * 7);
        float[] b = Tensors.normals(2, 6 * 7);
        float[] expected = product(device.kernels(), rounded(a), rounded(b), 5, 6);
        assertArrayEquals(expected, product(mixed, a, b, 5, 6));
        assertFalse(Arrays.equals(expected, product(device.kernels(), a, b, 5, 6)), "rounding shows");
        assertEquals(0, scratch.used());
    }

    @Test
    void weightedSumsAreNotRounded() {
        float[] a = Tensors.normals(1, 7);
        float[] b = Tensors.normals(2, 7);
        assertArrayEquals(product(device.kernels(), a, b, 1, 1), product(mixed, a, b, 1, 1));
    }

    @Test
    void allElseIsTheDevices() {
        assertEquals(device.kernels().attention().getClass(), mixed.attention().getClass());
        assertEquals(device.kernels().update().getClass(), mixed.update().getClass());
        assertEquals(
                device.kernels().convolution().getClass(), mixed.convolution().getClass());
    }
}
