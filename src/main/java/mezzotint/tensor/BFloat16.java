package mezzotint.tensor;

/** Conversion between float32 and bfloat16 bit patterns. */
public final class BFloat16 {
    private static final short CANONICAL_NAN = 0x7fff;

    private BFloat16() {}

    /** The nearest bfloat16, ties to even; every NaN becomes {@code 0x7fff}, as PTX {@code cvt.rn.bf16} does. */
    public static short fromFloat(float value) {
        if (Float.isNaN(value)) {
            return CANONICAL_NAN;
        }
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    /** The float32 of the same value. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
