package mezzotint.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import org.junit.jupiter.api.Test;

class SafeTensorTest {
    /** A tensor at an odd offset, as in a file whose header is not padded. */
    private static SafeTensor tensor(StoredType type, long elements, byte[] bytes) {
        byte[] shifted = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, shifted, 1, bytes.length);
        return new SafeTensor(
                "x", type, Shape.of(elements), MemorySegment.ofArray(shifted).asSlice(1));
    }

    private static byte[] everyPattern() {
        ByteBuffer bytes = ByteBuffer.allocate(1 << 17).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 1 << 16; i++) {
            bytes.putShort((short) i);
        }
        return bytes.array();
    }

    /** The value of a binary float of 16 bits by its definition (IEEE 754-2019, 3.4). */
    private static double value(int pattern, int mantissaBits, int bias) {
        int exponents = 1 << (15 - mantissaBits);
        double sign = (pattern & 0x8000) == 0 ? 1 : -1;
        int exponent = (pattern & 0x7fff) >> mantissaBits;
        int mantissa = pattern & ((1 << mantissaBits) - 1);
        if (exponent == exponents - 1) {
            return mantissa == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        double fraction = mantissa / (double) (1 << mantissaBits);
        return exponent == 0
                ? sign * fraction * Math.pow(2, 1 - bias)
                : sign * (1 + fraction) * Math.pow(2, exponent - bias);
    }

    @Test
    void widensEveryF16Exactly() {
        float[] floats = tensor(StoredType.F16, 1 << 16, everyPattern()).toFloats();
        for (int i = 0; i < floats.length; i++) {
            assertEquals(value(i, 10, 15), floats[i]);
        }
    }

    @Test
    void widensEveryBF16Exactly() {
        float[] floats = tensor(StoredType.BF16, 1 << 16, everyPattern()).toFloats();
        double[] doubles = tensor(StoredType.BF16, 1 << 16, everyPattern()).toDoubles();
        for (int i = 0; i < floats.length; i++) {
            assertEquals(value(i, 7, 127), floats[i]);
            assertEquals(value(i, 7, 127), doubles[i]);
        }
    }

    @Test
    void readsFloatsOfEachWidth() {
        byte[] doubles = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(0.1)
                .putDouble(-2)
                .array();
        assertArrayEquals(
                new double[] {0.1, -2}, tensor(StoredType.F64, 2, doubles).toDoubles());
        assertArrayEquals(
                new float[] {0.1f, -2}, tensor(StoredType.F64, 2, doubles).toFloats());
        byte[] floats = ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(0.1f)
                .putFloat(-2)
                .array();
        assertArrayEquals(
                new float[] {0.1f, -2}, tensor(StoredType.F32, 2, floats).toFloats());
        assertArrayEquals(
                new double[] {0.1f, -2}, tensor(StoredType.F32, 2, floats).toDoubles());
    }

    @Test
    void readsIntegersOfEachWidth() {
        byte[] ones = {-1, -1, -1, -1, -1, -1, -1, -1};
        assertArrayEquals(new long[] {-1}, tensor(StoredType.I64, 1, ones).toLongs());
        byte[] bytes = {1, 0, 0, 0, -2, -1, -1, -1};
        assertArrayEquals(new long[] {1, -2}, tensor(StoredType.I32, 2, bytes).toLongs());
        assertArrayEquals(
                new long[] {1, 0xfffffffeL}, tensor(StoredType.U32, 2, bytes).toLongs());
        assertArrayEquals(
                new double[] {1, 4294967294.0}, tensor(StoredType.U32, 2, bytes).toDoubles());
        assertArrayEquals(
                new long[] {1, 0, -2, -1}, tensor(StoredType.I16, 4, bytes).toLongs());
        assertArrayEquals(
                new long[] {1, 0, 65534, 65535},
                tensor(StoredType.U16, 4, bytes).toLongs());
        assertArrayEquals(
                new float[] {1, 0, 0, 0, -2, -1, -1, -1},
                tensor(StoredType.I8, 8, bytes).toFloats());
        assertArrayEquals(
                new long[] {1, 0, 0, 0, 254, 255, 255, 255},
                tensor(StoredType.U8, 8, bytes).toLongs());
        assertArrayEquals(
                new boolean[] {true, false, false, false, true, true, true, true},
                tensor(StoredType.BOOL, 8, bytes).toBooleans());
        assertArrayEquals(
                new long[] {1, 0, 0, 0, 1, 1, 1, 1},
                tensor(StoredType.BOOL, 8, bytes).toLongs());
    }

    @Test
    void refusesToRoundIntegersOrGuessTypes() {
        SafeTensor longs = tensor(StoredType.I64, 1, new byte[8]);
        assertThrows(UnsupportedDTypeException.class, longs::toFloats);
        assertThrows(UnsupportedDTypeException.class, longs::toBooleans);
        assertEquals(DType.I64, longs.dtype());
        SafeTensor complex = tensor(StoredType.C64, 1, new byte[8]);
        assertThrows(UnsupportedDTypeException.class, complex::toDoubles);
        assertThrows(UnsupportedDTypeException.class, complex::toLongs);
        assertEquals(
                "tensor \"x\" is stored as C64, which cannot be read as a tensor; convert the file, or read the bytes"
                        + " of data()",
                assertThrows(UnsupportedDTypeException.class, complex::dtype).getMessage());
    }
}
