package mezzotint.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * One tensor of a safetensors file; its data is a slice of the mapped file and lives as long as the
 * {@link SafeTensors}.
 *
 * @param name its name in the file
 * @param type its element type in the file
 * @param shape its extents
 * @param data its elements, row-major, little-endian, at any alignment; read-only
 */
public record SafeTensor(String name, StoredType type, Shape shape, MemorySegment data) {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /** Checks that the data has exactly the bytes that type and shape ask for. */
    public SafeTensor {
        long bytes = shape.elements() * type.bits() / 8;
        if (data.byteSize() != bytes) {
            throw new IllegalArgumentException(
                    "tensor %s: %s %s takes %d bytes, got %d".formatted(name, type, shape, bytes, data.byteSize()));
        }
    }

    /**
     * The element type to compute with.
     *
     * @throws UnsupportedDTypeException where the file's type is one Mezzotint has no tensors of
     */
    public DType dtype() {
        return type.dtype().orElseThrow(() -> new UnsupportedDTypeException(name, type, "a tensor"));
    }

    /**
     * The elements as float32: exact from F32, F16, BF16, I8, U8, I16, U16 and BOOL (0 or 1), rounded to nearest from
     * F64.
     *
     * @return a new array
     * @throws UnsupportedDTypeException for the other types
     * @throws ArithmeticException where there are more elements than an array holds
     */
    public float[] toFloats() {
        float[] y = new float[length()];
        switch (type) {
            case F32 -> MemorySegment.copy(data, FLOAT, 0, y, 0, y.length);
            case F16 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = Float.float16ToFloat(data.get(SHORT, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = BFloat16.toFloat(data.get(SHORT, 2L * i));
                }
            }
            case F64 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = (float) data.get(DOUBLE, 8L * i);
                }
            }
            case I8, U8, I16, U16, BOOL -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = integer(i);
                }
            }
            default -> throw new UnsupportedDTypeException(name, type, "float32");
        }
        return y;
    }

    /**
     * The elements as float64, exact from every type that {@link #toFloats} takes and from I32 and U32.
     *
     * @return a new array
     * @throws UnsupportedDTypeException for the other types
     * @throws ArithmeticException where there are more elements than an array holds
     */
    public double[] toDoubles() {
        double[] y = new double[length()];
        switch (type) {
            case F64 -> MemorySegment.copy(data, DOUBLE, 0, y, 0, y.length);
            case I32, U32 -> {
                for (int i = 0; i < y.length; i++) {
                    y[i] = integer(i);
                }
            }
            default -> {
                float[] x = toFloats();
                for (int i = 0; i < y.length; i++) {
                    y[i] = x[i];
                }
            }
        }
        return y;
    }

    /**
     * The elements as integers, exact from I64, I32, I16, I8, U32, U16, U8 and BOOL (0 or 1).
     *
     * @return a new array
     * @throws UnsupportedDTypeException for the other types
     * @throws ArithmeticException where there are more elements than an array holds
     */
    public long[] toLongs() {
        long[] y = new long[length()];
        for (int i = 0; i < y.length; i++) {
            y[i] = integer(i);
        }
        return y;
    }

    /**
     * The elements of a BOOL tensor; any byte but 0 is true.
     *
     * @return a new array
     * @throws UnsupportedDTypeException for any other type
     * @throws ArithmeticException where there are more elements than an array holds
     */
    public boolean[] toBooleans() {
        if (type != StoredType.BOOL) {
            throw new UnsupportedDTypeException(name, type, "boolean");
        }
        boolean[] y = new boolean[length()];
        for (int i = 0; i < y.length; i++) {
            y[i] = data.get(ValueLayout.JAVA_BYTE, i) != 0;
        }
        return y;
    }

    private long integer(int i) {
        return switch (type) {
            case I64 -> data.get(LONG, 8L * i);
            case I32 -> data.get(INT, 4L * i);
            case U32 -> Integer.toUnsignedLong(data.get(INT, 4L * i));
            case I16 -> data.get(SHORT, 2L * i);
            case U16 -> Short.toUnsignedLong(data.get(SHORT, 2L * i));
            case I8 -> data.get(ValueLayout.JAVA_BYTE, i);
            case U8 -> Byte.toUnsignedLong(data.get(ValueLayout.JAVA_BYTE, i));
            case BOOL -> data.get(ValueLayout.JAVA_BYTE, i) == 0 ? 0 : 1;
            default -> throw new UnsupportedDTypeException(name, type, "integers");
        };
    }

    private int length() {
        return Math.toIntExact(shape.elements());
    }
}
