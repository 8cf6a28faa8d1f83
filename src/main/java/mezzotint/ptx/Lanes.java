package mezzotint.ptx;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Instructions that are rare in inner loops: one function, called for each lane that takes part. */
final class Lanes {
    /** A function of three integers. */
    interface IntTernary {
        int apply(int a, int b, int c);
    }

    /** A function of three 64-bit integers. */
    interface LongTernary {
        long apply(long a, long b, long c);
    }

    /** A function of a 64-bit integer and a 32-bit one. */
    interface LongInt {
        long apply(long a, int b);
    }

    /** A function of one float. */
    interface FloatUnary {
        float apply(float a);
    }

    /** A function of two floats. */
    interface FloatBinary {
        float apply(float a, float b);
    }

    /** A function of three floats. */
    interface FloatTernary {
        float apply(float a, float b, float c);
    }

    /** A function of three doubles. */
    interface DoubleTernary {
        double apply(double a, double b, double c);
    }

    private Lanes() {}

    static int next(int mask) {
        return Integer.numberOfTrailingZeros(mask);
    }

    static Step ints(int z, int a, IntUnaryOperator f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.ints[z][k] = f.applyAsInt(w.ints[a][k]);
            }
        };
    }

    static Step ints(int z, int a, int b, IntBinaryOperator f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.ints[z][k] = f.applyAsInt(w.ints[a][k], w.ints[b][k]);
            }
        };
    }

    static Step ints(int z, int a, int b, int c, IntTernary f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.ints[z][k] = f.apply(w.ints[a][k], w.ints[b][k], w.ints[c][k]);
            }
        };
    }

    static Step longs(int z, int a, LongUnaryOperator f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.longs[z][k] = f.applyAsLong(w.longs[a][k]);
            }
        };
    }

    static Step longs(int z, int a, int b, LongBinaryOperator f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.longs[z][k] = f.applyAsLong(w.longs[a][k], w.longs[b][k]);
            }
        };
    }

    static Step longs(int z, int a, int b, int c, LongTernary f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.longs[z][k] = f.apply(w.longs[a][k], w.longs[b][k], w.longs[c][k]);
            }
        };
    }

    static Step longInt(int z, int a, int b, LongInt f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.longs[z][k] = f.apply(w.longs[a][k], w.ints[b][k]);
            }
        };
    }

    static Step floats(int z, int a, FloatUnary f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.floats[z][k] = f.apply(w.floats[a][k]);
            }
        };
    }

    static Step floats(int z, int a, int b, FloatBinary f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.floats[z][k] = f.apply(w.floats[a][k], w.floats[b][k]);
            }
        };
    }

    static Step floats(int z, int a, int b, int c, FloatTernary f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.floats[z][k] = f.apply(w.floats[a][k], w.floats[b][k], w.floats[c][k]);
            }
        };
    }

    static Step doubles(int z, int a, DoubleUnaryOperator f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.doubles[z][k] = f.applyAsDouble(w.doubles[a][k]);
            }
        };
    }

    static Step doubles(int z, int a, int b, DoubleBinaryOperator f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.doubles[z][k] = f.applyAsDouble(w.doubles[a][k], w.doubles[b][k]);
            }
        };
    }

    static Step doubles(int z, int a, int b, int c, DoubleTernary f) {
        return (w, m) -> {
            for (int rest = m; rest != 0; rest &= rest - 1) {
                int k = next(rest);
                w.doubles[z][k] = f.apply(w.doubles[a][k], w.doubles[b][k], w.doubles[c][k]);
            }
        };
    }
}
