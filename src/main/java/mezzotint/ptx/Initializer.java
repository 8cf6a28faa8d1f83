package mezzotint.ptx;

import java.io.ByteArrayOutputStream;

/** Reads the values of an initialised variable. */
final class Initializer {
    private Initializer() {}

    /** The bytes of a number or of a list of numbers, little-endian. */
    static byte[] read(TokenStream in, PtxType type) {
        var bytes = new ByteArrayOutputStream();
        values(in, type, bytes);
        return bytes.toByteArray();
    }

    private static void values(TokenStream in, PtxType type, ByteArrayOutputStream bytes) {
        if (!in.take("{")) {
            put(bits(in, type), type.bytes, bytes);
            return;
        }
        while (!in.take("}")) {
            values(in, type, bytes);
            if (!in.take(",") && !in.peek().is("}")) {
                throw in.error(
                        "expected ',' or '}', got '%s'".formatted(in.peek().text()));
            }
        }
    }

    private static long bits(TokenStream in, PtxType type) {
        return switch (in.number()) {
            case Operand.Int whole when type == PtxType.F32 -> Float.floatToRawIntBits(whole.value());
            case Operand.Int whole when type == PtxType.F64 -> Double.doubleToRawLongBits(whole.value());
            case Operand.Int whole -> whole.value();
            case Operand.Real real when type == PtxType.F64 -> Double.doubleToRawLongBits(real.value());
            case Operand.Real real -> Float.floatToRawIntBits((float) real.value());
            default -> throw in.error("a variable's value must be a number");
        };
    }

    private static void put(long bits, int count, ByteArrayOutputStream bytes) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (bits >>> 8 * i));
        }
    }
}
