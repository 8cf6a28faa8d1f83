package mezzotint.flow;

import java.util.Arrays;
import java.util.OptionalDouble;
import mezzotint.tensor.BFloat16;

/**
 * The random numbers of PyTorch's CPU generator, so that a seed draws the picture it draws there.
 *
 * <p>How normals are made depends on how many are asked for at once, as it does there: 16 and more come from blocks of
 * Box-Muller pairs, fewer from pairs in float64, of which a left-over one waits for the next small request. Uniforms,
 * whole numbers and permutations are PyTorch's to the bit; normals differ in their last one or two, since its logarithm
 * and sine do, from machine to machine too.
 *
 * @see <a href="https://doi.org/10.1214/aoms/1177706645">Box and Muller 1958, eq. 1</a>
 */
public final class TorchRandom implements Draws {
    private static final int BLOCK = 16;
    private static final int HALF = BLOCK / 2;
    private static final float TWO_PI = (float) (2 * Math.PI);

    private final MersenneTwister bits;
    private OptionalDouble leftOver = OptionalDouble.empty();

    /**
     * The generator after {@code manual_seed(seed)}.
     *
     * @param seed any number; the low 32 bits count
     */
    public TorchRandom(long seed) {
        bits = new MersenneTwister(seed);
    }

    /** {@code rand}: {@code count} float32 numbers, uniform in [0, 1) with 24 bits. */
    @Override
    public float[] uniforms(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = uniform();
        }
        return values;
    }

    /** {@code randn}: {@code count} float32 numbers, standard normal. */
    @Override
    public float[] normals(int count) {
        return normals(count, count);
    }

    /**
     * {@code randn} of bfloat16: {@code count} standard normal numbers, each a bfloat16 value. They are those of
     * {@link #normals} rounded, except for the last 16 where {@code count} is no multiple of 16: there too few are drawn
     * before.
     */
    public float[] bfloat16Normals(int count) {
        float[] values = normals(count, count / BLOCK * BLOCK);
        for (int i = 0; i < count; i++) {
            values[i] = BFloat16.toFloat(BFloat16.fromFloat(values[i]));
        }
        return values;
    }

    private float[] normals(int count, int drawnAtFirst) {
        float[] values = new float[count];
        if (count < BLOCK) {
            for (int i = 0; i < count; i++) {
                values[i] = (float) pairedNormal();
            }
            return values;
        }
        for (int i = 0; i < drawnAtFirst; i++) {
            values[i] = uniform();
        }
        for (int from = 0; from + BLOCK <= count; from += BLOCK) {
            toNormals(values, from);
        }
        if (count % BLOCK != 0) { // the last 16 are drawn again, not only the rest
            for (int i = count - BLOCK; i < count; i++) {
                values[i] = uniform();
            }
            toNormals(values, count - BLOCK);
        }
        return values;
    }

    /** {@code randn} of float64: {@code count} numbers, standard normal. */
    public double[] doubleNormals(int count) {
        double[] values = new double[count];
        if (count < BLOCK) {
            Arrays.setAll(values, i -> pairedNormal());
            return values;
        }
        Arrays.setAll(values, i -> doubleUniform());
        for (int from = 0; from + BLOCK <= count; from += BLOCK) {
            toNormals(values, from);
        }
        if (count % BLOCK != 0) {
            for (int i = count - BLOCK; i < count; i++) {
                values[i] = doubleUniform();
            }
            toNormals(values, count - BLOCK);
        }
        return values;
    }

    /**
     * {@code randint}: {@code count} whole numbers in [{@code from}, {@code to}).
     *
     * @throws IllegalArgumentException when {@code to} is not above {@code from}
     */
    public long[] integers(int count, long from, long to) {
        if (to <= from) {
            throw new IllegalArgumentException(
                    "integers: expected an end above the start %d, got %d".formatted(from, to));
        }
        long range = to - from; // unsigned: up to 2⁶⁴ − 1
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            long drawn = Long.compareUnsigned(range, 1L << 32) < 0 ? next32() : next64();
            values[i] = from + Long.remainderUnsigned(drawn, range);
        }
        return values;
    }

    /** {@code randperm}: the numbers 0 to {@code count} − 1 in random order. */
    public int[] permutation(int count) {
        int[] order = new int[count];
        Arrays.setAll(order, i -> i);
        for (int i = 0; i < count - 1; i++) {
            int other = i + (int) (next32() % (count - i));
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
        return order;
    }

    private float uniform() {
        return (bits.next32() & 0xffffff) * 0x1p-24f;
    }

    private double doubleUniform() {
        return (next64() & (1L << 53) - 1) * 0x1p-53;
    }

    private long next32() {
        return Integer.toUnsignedLong(bits.next32());
    }

    private long next64() {
        long high = next32();
        return high << 32 | next32();
    }

    private double pairedNormal() {
        if (leftOver.isPresent()) {
            double value = leftOver.getAsDouble();
            leftOver = OptionalDouble.empty();
            return value;
        }
        double angle = 2 * Math.PI * doubleUniform();
        double radius = Math.sqrt(-2 * Math.log1p(-doubleUniform()));
        leftOver = OptionalDouble.of(radius * Math.sin(angle));
        return radius * Math.cos(angle);
    }

    /** Every step is rounded to float32, as there: an angle of float64 would differ in the seventh digit. */
    private static void toNormals(float[] values, int from) {
        for (int j = from; j < from + HALF; j++) {
            float radius = (float) Math.sqrt(-2f * (float) Math.log(1f - values[j]));
            float angle = TWO_PI * values[j + HALF];
            values[j] = radius * (float) Math.cos(angle);
            values[j + HALF] = radius * (float) Math.sin(angle);
        }
    }

    private static void toNormals(double[] values, int from) {
        for (int j = from; j < from + HALF; j++) {
            double radius = Math.sqrt(-2 * Math.log(1 - values[j]));
            double angle = 2 * Math.PI * values[j + HALF];
            values[j] = radius * Math.cos(angle);
            values[j + HALF] = radius * Math.sin(angle);
        }
    }
}
