package mezzotint.kernel.cpu;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of the row kernels: one width a process, a constant, so that loops over it compile to straight code.
 *
 * <p>Only classes that are loaded when the device has vectors may name this one.
 */
final class Lanes {
    /** This machine's width, at least 256 bits. */
    static final VectorSpecies<Float> FLOATS =
            FloatVector.SPECIES_PREFERRED.length() < 8 ? FloatVector.SPECIES_256 : FloatVector.SPECIES_PREFERRED;

    /** As many bits of float64: half a vector of floats. */
    static final VectorSpecies<Double> DOUBLES = VectorSpecies.of(double.class, FLOATS.vectorShape());

    /** Floats in a vector. */
    static final int COUNT = FLOATS.length();

    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(FLOATS, 8, 1, true);
    private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(FLOATS, 4, 1, true);
    private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(FLOATS, 2, 1, true);
    private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(FLOATS, 1, 1, true);
    private static final VectorShuffle<Double> DOUBLES_BY_4 = VectorShuffle.iota(DOUBLES, 4, 1, true);
    private static final VectorShuffle<Double> DOUBLES_BY_2 = VectorShuffle.iota(DOUBLES, 2, 1, true);
    private static final VectorShuffle<Double> DOUBLES_BY_1 = VectorShuffle.iota(DOUBLES, 1, 1, true);

    private Lanes() {}

    /** The vector at element {@code i} of the floats from {@code address} on. */
    static FloatVector load(long address, int i) {
        return FloatVector.fromMemorySegment(FLOATS, CpuMemory.ALL, address + 4L * i, ORDER);
    }

    /** What is added to at element {@code i} and on: zeros for the first to add, who overwrites what lies there. */
    static FloatVector load(long address, int i, boolean first) {
        return load(first ? TileKernel.Zeros.ROW : address, first ? 0 : i);
    }

    /** Writes {@code vector} to element {@code i} and on. */
    static void store(FloatVector vector, long address, int i) {
        vector.intoMemorySegment(CpuMemory.ALL, address + 4L * i, ORDER);
    }

    /** How many of {@code n} elements fill whole vectors. */
    static int whole(int n) {
        return n & -COUNT;
    }

    static FloatVector zero() {
        return FloatVector.zero(FLOATS);
    }

    static FloatVector all(float value) {
        return FloatVector.broadcast(FLOATS, value);
    }

    /**
     * The sum of all lanes, as a tree of a fixed shape.
     *
     * <p>{@code reduceLanes} leaves the order open, and interpreted and compiled code do differ.
     */
    static float sum(FloatVector vector) {
        FloatVector v = vector;
        if (COUNT == 16) {
            v = v.add(v.rearrange(BY_8));
        }
        v = v.add(v.rearrange(BY_4));
        v = v.add(v.rearrange(BY_2));
        return v.add(v.rearrange(BY_1)).lane(0);
    }

    /** The sum of all lanes, as a tree of a fixed shape. */
    static double sum(DoubleVector vector) {
        DoubleVector v = vector;
        if (COUNT == 16) {
            v = v.add(v.rearrange(DOUBLES_BY_4));
        }
        v = v.add(v.rearrange(DOUBLES_BY_2));
        return v.add(v.rearrange(DOUBLES_BY_1)).lane(0);
    }

    /** Half {@code part} (0 or 1) of {@code vector} in float64. */
    static DoubleVector widen(FloatVector vector, int part) {
        return (DoubleVector) vector.convertShape(VectorOperators.F2D, DOUBLES, part);
    }
}
