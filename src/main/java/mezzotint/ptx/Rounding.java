package mezzotint.ptx;

import java.math.BigDecimal;

/** Rounding to float32 and float64 in directions other than to nearest even, and flushing of subnormal numbers. */
final class Rounding {
    private Rounding() {}

    /** A subnormal number becomes a zero of its sign. */
    static float flush(float x) {
        return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0f, x) : x;
    }

    /** Into [0, 1]; a NaN becomes 0. */
    static float saturate(float x) {
        return x > 0 ? Math.min(x, 1) : 0;
    }

    /** Into [0, 1]; a NaN becomes 0. */
    static double saturate(double x) {
        return x > 0 ? Math.min(x, 1) : 0;
    }

    static float add(float x, float y, String mode) {
        float nearest = x + y;
        return Float.isFinite(x) && Float.isFinite(y) ? direct(nearest, exact(x).add(exact(y)), mode) : nearest;
    }

    static float multiply(float x, float y, String mode) {
        float nearest = x * y;
        return Float.isFinite(x) && Float.isFinite(y) ? direct(nearest, exact(x).multiply(exact(y)), mode) : nearest;
    }

    static float fma(float x, float y, float z, String mode) {
        float nearest = Math.fma(x, y, z);
        return Float.isFinite(x) && Float.isFinite(y) && Float.isFinite(z)
                ? direct(nearest, exact(x).multiply(exact(y)).add(exact(z)), mode)
                : nearest;
    }

    /** x / y, told by where the product of the quotient with y lies. */
    static float divide(float x, float y, String mode) {
        float nearest = x / y;
        if (!Float.isFinite(x) || !Float.isFinite(y) || y == 0 || nearest == 0 && x == 0) {
            return nearest;
        }
        float finite = clamp(nearest);
        int order = exact(finite).multiply(exact(y)).compareTo(exact(x));
        int side = y < 0 ? -order : order;
        return towards(nearest, finite, side, mode);
    }

    static float sqrt(float x, String mode) {
        float nearest = (float) Math.sqrt(x);
        if (!(x > 0) || Float.isInfinite(x)) {
            return nearest;
        }
        return towards(nearest, nearest, exact(nearest).multiply(exact(nearest)).compareTo(exact(x)), mode);
    }

    /** A float64 in float32. */
    static float toFloat(double x, String mode) {
        float nearest = (float) x;
        return Double.isFinite(x) ? direct(nearest, new BigDecimal(x), mode) : nearest;
    }

    /** An integer in float32. */
    static float toFloat(long x, boolean signed, String mode) {
        BigDecimal exact = new BigDecimal(signed ? Long.toString(x) : Long.toUnsignedString(x));
        return direct(exact.floatValue(), exact, mode);
    }

    static double add(double x, double y, String mode) {
        double nearest = x + y;
        return Double.isFinite(x) && Double.isFinite(y) ? direct(nearest, exact(x).add(exact(y)), mode) : nearest;
    }

    static double multiply(double x, double y, String mode) {
        double nearest = x * y;
        return Double.isFinite(x) && Double.isFinite(y) ? direct(nearest, exact(x).multiply(exact(y)), mode) : nearest;
    }

    static double fma(double x, double y, double z, String mode) {
        double nearest = Math.fma(x, y, z);
        return Double.isFinite(x) && Double.isFinite(y) && Double.isFinite(z)
                ? direct(nearest, exact(x).multiply(exact(y)).add(exact(z)), mode)
                : nearest;
    }

    /** An integer in float64. */
    static double toDouble(long x, boolean signed, String mode) {
        BigDecimal exact = new BigDecimal(signed ? Long.toString(x) : Long.toUnsignedString(x));
        return direct(exact.doubleValue(), exact, mode);
    }

    private static BigDecimal exact(double x) {
        return new BigDecimal(x);
    }

    private static float clamp(float x) {
        return Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, x));
    }

    private static float direct(float nearest, BigDecimal exact, String mode) {
        float finite = clamp(nearest);
        int side = exact(finite).compareTo(exact);
        return towards(nearest, finite, side, mode);
    }

    /** @param side whether {@code finite} lies above (1), on (0) or below (−1) the exact value */
    private static float towards(float nearest, float finite, int side, String mode) {
        boolean overflow = nearest != finite;
        if (side == 0 && !overflow) {
            return nearest;
        }
        boolean down = mode.equals("rm") || mode.equals("rz") && nearest > 0;
        boolean up = mode.equals("rp") || mode.equals("rz") && nearest < 0;
        if (mode.equals("rz") && nearest == 0) {
            return nearest;
        }
        if (down && side > 0) {
            return Math.nextDown(finite);
        }
        if (up && side < 0) {
            return Math.nextUp(finite);
        }
        return overflow && (down && nearest > 0 || up && nearest < 0) ? finite : nearest;
    }

    private static double direct(double nearest, BigDecimal exact, String mode) {
        double finite = Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, nearest));
        int side = exact(finite).compareTo(exact);
        boolean overflow = nearest != finite;
        if (side == 0 && !overflow || mode.equals("rz") && nearest == 0) {
            return nearest;
        }
        boolean down = mode.equals("rm") || mode.equals("rz") && nearest > 0;
        boolean up = mode.equals("rp") || mode.equals("rz") && nearest < 0;
        if (down && side > 0) {
            return Math.nextDown(finite);
        }
        if (up && side < 0) {
            return Math.nextUp(finite);
        }
        return overflow && (down && nearest > 0 || up && nearest < 0) ? finite : nearest;
    }
}
