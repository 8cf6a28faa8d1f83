package mezzotint.kernel.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** {@link CpuSoftmax} in vectors; what does not fill one goes through {@link PlainSoftmax}. */
final class VectorSoftmax implements CpuSoftmax.Loops {
    private static final int W = Lanes.COUNT;
    private static final VectorSpecies<Byte> BYTES =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Lanes.FLOATS.vectorBitSize() / 4));
    private static final FloatVector ZERO = Lanes.zero();
    private static final FloatVector LOWEST = Lanes.all(Float.NEGATIVE_INFINITY);

    @Override
    public void forward(long y, long x, long mask, int keys, float scale) {
        int whole = Lanes.whole(keys);
        float max = mask == 0 ? max(x, scale, whole) : maskedMax(x, mask, scale, whole);
        max = Math.max(max, PlainSoftmax.max(x, mask, scale, whole, keys));
        double sum = mask == 0
                ? exponentials(y, x, scale, max, whole)
                : maskedExponentials(y, x, mask, scale, max, whole);
        sum += PlainSoftmax.exponentials(y, x, mask, scale, max, whole, keys);
        FloatVector factor = Lanes.all(sum == 0 ? 0 : (float) (1 / sum));
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(y, i).mul(factor), y, i);
        }
        PlainPointwise.scale(y, y, sum == 0 ? 0 : (float) (1 / sum), whole, keys);
    }

    private static VectorMask<Float> seen(long mask, int i) {
        FloatVector numbers = (FloatVector) ByteVector.fromMemorySegment(
                        BYTES, CpuMemory.ALL, mask + i, ByteOrder.nativeOrder())
                .convertShape(VectorOperators.B2F, Lanes.FLOATS, 0);
        return numbers.compare(VectorOperators.NE, ZERO);
    }

    private static float max(long x, float scale, int whole) {
        FloatVector max = LOWEST;
        for (int i = 0; i < whole; i += W) {
            max = max.max(Lanes.load(x, i).mul(scale));
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    private static float maskedMax(long x, long mask, float scale, int whole) {
        FloatVector max = LOWEST;
        for (int i = 0; i < whole; i += W) {
            max = max.max(LOWEST.blend(Lanes.load(x, i).mul(scale), seen(mask, i)));
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    private static double exponentials(long y, long x, float scale, float max, int whole) {
        FloatVector shift = Lanes.all(-max);
        DoubleVector sum0 = DoubleVector.zero(Lanes.DOUBLES);
        DoubleVector sum1 = sum0;
        for (int i = 0; i < whole; i += W) {
            FloatVector e = RowMath.expUpTo88(Lanes.load(x, i).fma(Lanes.all(scale), shift));
            Lanes.store(e, y, i);
            sum0 = sum0.add(Lanes.widen(e, 0));
            sum1 = sum1.add(Lanes.widen(e, 1));
        }
        return Lanes.sum(sum0.add(sum1));
    }

    private static double maskedExponentials(long y, long x, long mask, float scale, float max, int whole) {
        FloatVector shift = Lanes.all(-max);
        DoubleVector sum0 = DoubleVector.zero(Lanes.DOUBLES);
        DoubleVector sum1 = sum0;
        for (int i = 0; i < whole; i += W) {
            FloatVector all = RowMath.exp(Lanes.load(x, i).fma(Lanes.all(scale), shift));
            FloatVector e = ZERO.blend(all, seen(mask, i));
            Lanes.store(e, y, i);
            sum0 = sum0.add(Lanes.widen(e, 0));
            sum1 = sum1.add(Lanes.widen(e, 1));
        }
        return Lanes.sum(sum0.add(sum1));
    }

    @Override
    public void backward(long gradX, long gradY, long y, int keys, float scale) {
        int whole = Lanes.whole(keys);
        FloatVector sum0 = ZERO;
        FloatVector sum1 = ZERO;
        int i = 0;
        for (; i <= whole - 2 * W; i += 2 * W) {
            sum0 = Lanes.load(gradY, i).fma(Lanes.load(y, i), sum0);
            sum1 = Lanes.load(gradY, i + W).fma(Lanes.load(y, i + W), sum1);
        }
        for (; i < whole; i += W) {
            sum0 = Lanes.load(gradY, i).fma(Lanes.load(y, i), sum0);
        }
        double dot = Lanes.sum(sum0.add(sum1)) + PlainSoftmax.dot(gradY, y, whole, keys);
        FloatVector shift = Lanes.all((float) dot);
        for (i = 0; i < whole; i += W) {
            FloatVector slope = Lanes.load(gradY, i).sub(shift).mul(scale);
            Lanes.store(slope.fma(Lanes.load(y, i), Lanes.load(gradX, i)), gradX, i);
        }
        PlainSoftmax.addGradient(gradX, gradY, y, scale, dot, whole, keys);
    }
}
