package mezzotint.kernel.cpu;

import static mezzotint.kernel.cpu.CpuMemory.ALL;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** {@link NormRows} in vectors of 256 bits; the row is a multiple of 8. The twin for 512 bits differs in the species alone. */
final class NormRows256 implements NormRows {
    /** A constant of the class: C2 makes vector instructions only where it knows the species. */
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_256;

    private static final int LANES = SPECIES.length();
    private static final long STEP = 4L * LANES;
    private static final VectorShuffle<Float> SWAP = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);
    private static final VectorShuffle<Float> FIRST = VectorShuffle.fromOp(SPECIES, lane -> lane & ~1);
    private static final VectorShuffle<Float> SECOND = VectorShuffle.fromOp(SPECIES, lane -> lane | 1);
    private static final VectorMask<Float> FIRSTS = VectorMask.fromLong(SPECIES, 0x5555_5555_5555_5555L);

    private static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(SPECIES, ALL, address, ByteOrder.nativeOrder());
    }

    private static void store(long address, FloatVector vector) {
        vector.intoMemorySegment(ALL, address, ByteOrder.nativeOrder());
    }

    @Override
    public float reciprocalRms(long x, int d, float eps) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = sum0;
        FloatVector sum2 = sum0;
        FloatVector sum3 = sum0;
        long end = 4L * d;
        long i = 0;
        for (; i + 4 * STEP <= end; i += 4 * STEP) {
            FloatVector x0 = load(x + i);
            FloatVector x1 = load(x + i + STEP);
            FloatVector x2 = load(x + i + 2 * STEP);
            FloatVector x3 = load(x + i + 3 * STEP);
            sum0 = x0.fma(x0, sum0);
            sum1 = x1.fma(x1, sum1);
            sum2 = x2.fma(x2, sum2);
            sum3 = x3.fma(x3, sum3);
        }
        for (; i < end; i += STEP) {
            FloatVector x0 = load(x + i);
            sum0 = x0.fma(x0, sum0);
        }
        float sum = VectorMath.sum(sum0.add(sum1).add(sum2.add(sum3)));
        return (float) (1 / Math.sqrt(sum / d + (double) eps));
    }

    @Override
    public void scale(long y, long x, float rstd, long scale, int d) {
        for (long i = 0; i < 4L * d; i += STEP) {
            store(y + i, load(x + i).mul(rstd).mul(load(scale + i)));
        }
    }

    @Override
    public void scaleAndRotate(long y, long x, float rstd, long scale, long cos, long sin, int d) {
        for (long i = 0; i < 4L * d; i += STEP) {
            FloatVector z = load(x + i).mul(rstd).mul(load(scale + i));
            store(y + i, z.fma(load(cos + i), z.rearrange(SWAP).mul(load(sin + i))));
        }
    }

    @Override
    public void rotate(long y, long x, long cos, long sin, int d) {
        for (long i = 0; i < 4L * d; i += STEP) {
            FloatVector z = load(x + i);
            store(y + i, z.fma(load(cos + i), z.rearrange(SWAP).mul(load(sin + i))));
        }
    }

    @Override
    public void rotateBack(long y, long x, long cos, long sin, int d) {
        for (long i = 0; i < 4L * d; i += STEP) {
            store(y + i, rotatedBack(x + i, cos + i, sin + i));
        }
    }

    @Override
    public void addRotatedBack(long y, long x, long cos, long sin, int d) {
        for (long i = 0; i < 4L * d; i += STEP) {
            store(y + i, load(y + i).add(rotatedBack(x + i, cos + i, sin + i)));
        }
    }

    private static FloatVector rotatedBack(long x, long cos, long sin) {
        FloatVector z = load(x);
        return z.mul(load(cos)).sub(z.rearrange(SWAP).mul(load(sin)));
    }

    @Override
    public void add(long y, long x, int d) {
        for (long i = 0; i < 4L * d; i += STEP) {
            store(y + i, load(y + i).add(load(x + i)));
        }
    }

    @Override
    public void addGradients(long gradX, long gradScale, long gradY, long x, float rstd, long scale, int d) {
        if (gradScale != 0) {
            for (long i = 0; i < 4L * d; i += STEP) {
                store(gradScale + i, load(gradY + i).mul(load(x + i)).fma(broadcast(rstd), load(gradScale + i)));
            }
        }
        if (gradX == 0) {
            return;
        }
        FloatVector sum = FloatVector.zero(SPECIES);
        for (long i = 0; i < 4L * d; i += STEP) {
            sum = load(gradY + i).mul(load(scale + i)).fma(load(x + i), sum);
        }
        double dot = VectorMath.sum(sum);
        FloatVector alongX = broadcast((float) (-dot * rstd * rstd * rstd / d));
        for (long i = 0; i < 4L * d; i += STEP) {
            FloatVector direct = load(gradY + i).mul(load(scale + i)).fma(broadcast(rstd), load(gradX + i));
            store(gradX + i, load(x + i).fma(alongX, direct));
        }
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    @Override
    public void expandRotation(long cos, long sin, long table, int d) {
        for (long i = 0; i < 4L * d; i += STEP) {
            FloatVector pairs = load(table + i);
            store(cos + i, pairs.rearrange(FIRST));
            store(sin + i, pairs.rearrange(SECOND).lanewise(VectorOperators.NEG, FIRSTS));
        }
    }
}
