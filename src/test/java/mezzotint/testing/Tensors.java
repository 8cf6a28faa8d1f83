package mezzotint.testing;

import java.lang.foreign.MemorySegment;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.kernel.cpu.CpuMemory;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/** Tensors for tests, in one arena that lives as long as this. */
public final class Tensors implements AutoCloseable {
    private final TensorArena arena;

    /** Room for {@code bytes} bytes of main memory; only what is used costs anything. */
    public Tensors(long bytes) {
        arena = new TensorArena(CpuMemory.allocate(bytes));
    }

    /** Room for 256 MiB. */
    public Tensors() {
        this(256L << 20);
    }

    /** The arena. */
    public TensorArena arena() {
        return arena;
    }

    /** An F32 output, all NaN, between guards. */
    public GuardedTensor output(long... dims) {
        return guarded(Shape.of(dims), DType.F32).fill(Float.NaN);
    }

    /** A tensor between guards whose bytes are the guards' pattern too. */
    public GuardedTensor guarded(Shape shape, DType dtype) {
        return new GuardedTensor(arena, shape, dtype);
    }

    /** An F32 tensor with the given elements. */
    public Tensor of(float[] values, long... dims) {
        return arena.allocate(dims).set(values);
    }

    /** An F32 tensor of standard normal numbers. */
    public Tensor normal(long seed, long... dims) {
        return of(normals(seed, count(dims)), dims);
    }

    /** A BF16 tensor of standard normal numbers, rounded. */
    public Tensor normalBFloat16(long seed, long... dims) {
        return arena.allocate(Shape.of(dims), DType.BF16).set(normals(seed, count(dims)));
    }

    /** An I32 tensor with the given elements. */
    public Tensor of(int[] values, long... dims) {
        return arena.allocate(Shape.of(dims), DType.I32).set(values);
    }

    /** A U8 tensor with the given elements. */
    public Tensor of(boolean[] values, long... dims) {
        return arena.allocate(Shape.of(dims), DType.U8).set(values);
    }

    @Override
    public void close() {
        arena.close();
    }

    /** Standard normal numbers from a seed. */
    public static float[] normals(long seed, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = PhiloxRandom.normalAt(seed, 7, i);
        }
        return values;
    }

    /** Standard normal numbers from a seed, rounded to bfloat16. */
    public static float[] normalsBFloat16(long seed, int count) {
        float[] values = normals(seed, count);
        for (int i = 0; i < count; i++) {
            values[i] = BFloat16.toFloat(BFloat16.fromFloat(values[i]));
        }
        return values;
    }

    /** The elements widened to float64. */
    public static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    /** The elements of an F32 or BF16 tensor widened to float64. */
    public static double[] doubles(Tensor tensor) {
        return doubles(tensor.toFloats());
    }

    /** The bytes of a tensor. */
    public static byte[] bytes(Tensor tensor) {
        byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
        tensor.read(MemorySegment.ofArray(bytes));
        return bytes;
    }

    /** Number of elements of a shape. */
    public static int count(long... dims) {
        return Math.toIntExact(Shape.of(dims).elements());
    }
}
