package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import mezzotint.kernel.AttentionInputs;
import mezzotint.kernel.reference.ReferenceAttention;
import mezzotint.kernel.reference.ReferenceAttention.Sizes;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.GradientCheck;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attention to more keys than are held at once. */
final class RunningSoftmaxTest {
    private static final Sizes SIZES = new Sizes(1, 1, 5, 30, 471, 16);
    private static final float SCALE = 0.75f;

    @ParameterizedTest
    @EnumSource
    void isAttentionAllTheSame(VectorWidth width) {
        if (width.floats() > Devices.machineWidth().floats()) {
            return;
        }
        boolean[] real = new boolean[SIZES.t()];
        Arrays.fill(real, 3, 20, true);
        try (var tensors = new Tensors();
                var threads = new CpuThreads(2);
                var scratch = new CpuScratch(2)) {
            // 1 asks for the fewest there can be: 224, 48 or 4 of the 488 keys at once.
            var attention = new CpuAttention(new CpuResources(threads, scratch, width), 1);
            Tensor[] in = new Tensor[5];
            double[][] values = new double[5][];
            Tensor[] gradients = new Tensor[5];
            for (int i = 0; i < 5; i++) {
                int rows = i == 0 ? SIZES.l() : i < 3 ? SIZES.t() : SIZES.k();
                float[] x = Tensors.normals(i, rows * SIZES.d());
                // Later keys have larger scores, so that the maximum moves from block to block.
                for (int j = 0; i == 3 && j < x.length; j++) {
                    x[j] *= 2f * j / x.length;
                }
                in[i] = tensors.of(x, 1, 1, rows, SIZES.d());
                values[i] = Tensors.doubles(x);
                gradients[i] = tensors.output(1, 1, rows, SIZES.d()).fill(0).tensor();
            }
            Tensor mask = tensors.of(real, 1, SIZES.t());
            Tensor out = tensors.output(1, SIZES.l(), SIZES.d()).tensor();
            Tensor logSumExp = tensors.output(1, 1, SIZES.l()).tensor();
            attention.forward(out, logSumExp, inputs(in, mask));
            double[][] expected = reference(values, real);
            // Scores of about 10 are rounded to 2⁻²⁴ of that.
            RelativeError.assertRelativeError(out, expected[0], 3e-6);
            RelativeError.assertRelativeError(logSumExp, expected[1], 1e-6);

            Tensor gradOut = tensors.normal(8, 1, SIZES.l(), SIZES.d());
            attention.backward(inputs(gradients, null), gradOut, out, logSumExp, inputs(in, mask));
            for (int i = 0; i < 5; i++) {
                GradientCheck.assertSlope(
                        width + ", gradient " + i,
                        gradients[i].toFloats(),
                        slopeOf(i, values, gradOut.toFloats(), real),
                        values[i],
                        60,
                        2e-5);
            }
        }
    }

    private static ToDoubleFunction<double[]> slopeOf(int varied, double[][] values, float[] gradOut, boolean[] real) {
        return x -> {
            double[][] moved = values.clone();
            moved[varied] = x;
            double[] out = reference(moved, real)[0];
            double sum = 0;
            for (int i = 0; i < out.length; i++) {
                sum += out[i] * gradOut[i];
            }
            return sum;
        };
    }

    private static double[][] reference(double[][] x, boolean[] real) {
        return ReferenceAttention.attention(SIZES, x[0], x[1], x[2], x[3], x[4], real, SCALE);
    }

    private static AttentionInputs inputs(Tensor[] x, Tensor mask) {
        return new AttentionInputs(x[0], x[1], x[2], x[3], x[4], mask, SCALE);
    }

    @Test
    void splitsQueriesOverThreadsWithoutChangingABit() {
        float[] one = manyQueries(1);
        for (int threads : new int[] {2, 3, 5}) {
            assertArrayEquals(one, manyQueries(threads), threads + " threads");
        }
    }

    /** One head and five blocks of queries: fewer heads than threads. */
    private static float[] manyQueries(int count) {
        try (var tensors = new Tensors();
                var threads = new CpuThreads(count);
                var scratch = new CpuScratch(count)) {
            var attention = new CpuAttention(new CpuResources(threads, scratch, Devices.machineWidth()));
            Tensor[] in = new Tensor[5];
            for (int i = 0; i < 5; i++) {
                in[i] = tensors.normal(i, 1, 1, i == 0 ? 400 : 9, 16);
            }
            Tensor out = tensors.output(1, 400, 16).tensor();
            attention.forward(out, tensors.output(1, 1, 400).tensor(), inputs(in, null));
            return out.toFloats();
        }
    }
}
