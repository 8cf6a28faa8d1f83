package mezzotint.ptx;

/** The bits of 16-bit floating-point numbers. */
final class Bf16 {
    private Bf16() {}

    /** The nearest bf16, ties to even; a NaN becomes 0x7fff. */
    static int bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.isNaN(value) ? 0x7fff : bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
    }

    static float value(int bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest float16, ties to even; a NaN becomes 0x7fff. */
    static int half(float value) {
        return Float.isNaN(value) ? 0x7fff : Float.floatToFloat16(value) & 0xffff;
    }

    static float halfValue(int bits) {
        return Float.float16ToFloat((short) bits);
    }
}
