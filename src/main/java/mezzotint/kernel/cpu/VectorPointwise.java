package mezzotint.kernel.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** {@link CpuPointwise} in vectors; what does not fill one goes through {@link PlainPointwise}. */
final class VectorPointwise implements CpuPointwise.Loops {
    private static final int W = Lanes.COUNT;
    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, Lanes.FLOATS.vectorShape());
    private static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(Lanes.FLOATS.vectorBitSize() / 2));
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int CANONICAL_NAN = 0x7fff;

    private static final FloatVector ZERO = Lanes.zero();
    private static final FloatVector MINUS_HALF = Lanes.all(-0.5f);
    private static final FloatVector DENSITY = Lanes.all(PlainPointwise.DENSITY);
    private static final FloatVector TAIL_SCALE = Lanes.all(PlainPointwise.TAIL_SCALE);
    private static final FloatVector TAIL_0 = Lanes.all(PlainPointwise.TAIL[0]);
    private static final FloatVector TAIL_1 = Lanes.all(PlainPointwise.TAIL[1]);
    private static final FloatVector TAIL_2 = Lanes.all(PlainPointwise.TAIL[2]);
    private static final FloatVector TAIL_3 = Lanes.all(PlainPointwise.TAIL[3]);
    private static final FloatVector TAIL_4 = Lanes.all(PlainPointwise.TAIL[4]);
    private static final FloatVector TAIL_5 = Lanes.all(PlainPointwise.TAIL[5]);
    private static final FloatVector TAIL_6 = Lanes.all(PlainPointwise.TAIL[6]);
    private static final FloatVector TAIL_7 = Lanes.all(PlainPointwise.TAIL[7]);
    private static final FloatVector TAIL_8 = Lanes.all(PlainPointwise.TAIL[8]);

    @Override
    public void silu(long y, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            Lanes.store(v.mul(RowMath.sigmoid(v)), y, i);
        }
        PlainPointwise.silu(y, x, whole, n);
    }

    @Override
    public void siluBackward(long gradX, long gradY, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            FloatVector sigmoid = RowMath.sigmoid(v);
            FloatVector slope = v.mul(sigmoid).fma(RowMath.ONE.sub(sigmoid), sigmoid);
            Lanes.store(Lanes.load(gradY, i).fma(slope, Lanes.load(gradX, i)), gradX, i);
        }
        PlainPointwise.siluBackward(gradX, gradY, x, whole, n);
    }

    @Override
    public void gelu(long y, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            Lanes.store(v.mul(cumulative(v, bell(v))), y, i);
        }
        PlainPointwise.gelu(y, x, whole, n);
    }

    @Override
    public void geluBackward(long gradX, long gradY, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            FloatVector bell = bell(v);
            FloatVector slope = v.mul(DENSITY).fma(bell, cumulative(v, bell));
            Lanes.store(Lanes.load(gradY, i).fma(slope, Lanes.load(gradX, i)), gradX, i);
        }
        PlainPointwise.geluBackward(gradX, gradY, x, whole, n);
    }

    @Override
    public void add(long y, long a, long b, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(a, i).add(Lanes.load(b, i)), y, i);
        }
        PlainPointwise.add(y, a, b, whole, n);
    }

    @Override
    public void addScaled(long y, long x, float factor, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(x, i).fma(Lanes.all(factor), Lanes.load(y, i)), y, i);
        }
        PlainPointwise.addScaled(y, x, factor, whole, n);
    }

    @Override
    public void scale(long y, long x, float factor, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            Lanes.store(Lanes.load(x, i).mul(factor), y, i);
        }
        PlainPointwise.scale(y, x, factor, whole, n);
    }

    @Override
    public void fill(long y, float value, int n) {
        int whole = Lanes.whole(n);
        FloatVector values = Lanes.all(value);
        for (int i = 0; i < whole; i += W) {
            Lanes.store(values, y, i);
        }
        PlainPointwise.fill(y, value, whole, n);
    }

    @Override
    public void narrow(long y, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            FloatVector v = Lanes.load(x, i);
            VectorMask<Integer> nan = v.test(VectorOperators.IS_NAN).cast(INTS);
            IntVector bits = v.reinterpretAsInts();
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            IntVector rounded = bits.add(0x7fff).add(odd).lanewise(VectorOperators.LSHR, 16);
            rounded.blend(CANONICAL_NAN, nan)
                    .convertShape(VectorOperators.I2S, SHORTS, 0)
                    .reinterpretAsShorts()
                    .intoMemorySegment(CpuMemory.ALL, y + 2L * i, ORDER);
        }
        PlainPointwise.narrow(y, x, whole, n);
    }

    @Override
    public void widen(long y, long x, int n) {
        int whole = Lanes.whole(n);
        for (int i = 0; i < whole; i += W) {
            IntVector bits = (IntVector) ShortVector.fromMemorySegment(SHORTS, CpuMemory.ALL, x + 2L * i, ORDER)
                    .convertShape(VectorOperators.S2I, INTS, 0);
            Lanes.store(bits.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), y, i);
        }
        PlainPointwise.widen(y, x, whole, n);
    }

    @Override
    public void gatedResidual(long y, long x, long gate, long branch, int rows, int d) {
        int whole = Lanes.whole(d);
        for (int row = 0; row < rows; row++) {
            long skip = 4L * row * d;
            for (int i = 0; i < whole; i += W) {
                FloatVector sum = Lanes.load(gate, i).fma(Lanes.load(branch + skip, i), Lanes.load(x + skip, i));
                Lanes.store(sum, y + skip, i);
            }
            PlainPointwise.multiplyAdd(y + skip, x + skip, gate, branch + skip, whole, d);
        }
    }

    @Override
    public void gatedResidualBackward(
            long gradX, long gateSums, long gradBranch, long gradY, long gate, long branch, int d, boolean first) {
        int whole = Lanes.whole(d);
        for (int i = 0; i < whole; i += W) {
            FloatVector grad = Lanes.load(gradY, i);
            if (gradX != 0) {
                Lanes.store(Lanes.load(gradX, i, first).add(grad), gradX, i);
            }
            if (gateSums != 0) {
                Lanes.store(grad.fma(Lanes.load(branch, i), Lanes.load(gateSums, i)), gateSums, i);
            }
            if (gradBranch != 0) {
                Lanes.store(grad.fma(Lanes.load(gate, i), Lanes.load(gradBranch, i, first)), gradBranch, i);
            }
        }
        PlainPointwise.gatedBackward(gradX, gateSums, gradBranch, gradY, gate, branch, whole, d, first);
    }

    /** e^(−x²/2) */
    private static FloatVector bell(FloatVector x) {
        return RowMath.expUpTo88(x.mul(x).mul(MINUS_HALF));
    }

    /** Φ(x), see {@link PlainPointwise#TAIL}. */
    private static FloatVector cumulative(FloatVector x, FloatVector bell) {
        FloatVector t = RowMath.ONE.div(x.abs().fma(TAIL_SCALE, RowMath.ONE));
        FloatVector sum = TAIL_8.fma(t, TAIL_7).fma(t, TAIL_6).fma(t, TAIL_5).fma(t, TAIL_4);
        sum = sum.fma(t, TAIL_3).fma(t, TAIL_2).fma(t, TAIL_1).fma(t, TAIL_0);
        FloatVector tail = sum.mul(t).mul(bell);
        return RowMath.ONE.sub(tail).blend(tail, x.compare(VectorOperators.LT, ZERO));
    }
}
