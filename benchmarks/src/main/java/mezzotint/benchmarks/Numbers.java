package mezzotint.benchmarks;

import java.nio.charset.StandardCharsets;

/**
 * Weights and inputs made from their names, so that every implementation starts from the same bits and their losses
 * can be compared digit by digit.
 *
 * <p>Each name seeds its own SplitMix64 stream (Steele, Lea and Flood 2014) with the name's FNV-1a hash; a number is
 * the top 24 bits over 2²⁴.
 */
public final class Numbers {
    private long state;

    private Numbers(String name) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        state = hash;
    }

    private float next() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return ((z ^ (z >>> 31)) >>> 40) * 0x1p-24f;
    }

    /** {@code count} numbers, uniform in [centre − spread, centre + spread). */
    public static float[] uniform(String name, int count, float centre, float spread) {
        Numbers stream = new Numbers(name);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = centre + (stream.next() * 2 - 1) * spread;
        }
        return numbers;
    }

    /**
     * A parameter's first value: matrices have standard deviation 1/√in, biases lie in ±0.1, norm scales in 1 ± 0.1.
     *
     * @param name checkpoint name
     * @param shape {@code (out, in)} or {@code (width)}
     */
    public static float[] parameter(String name, long... shape) {
        if (shape.length == 2) {
            return uniform(name, Math.toIntExact(shape[0] * shape[1]), 0, (float) Math.sqrt(3.0 / shape[1]));
        }
        float centre = name.contains(".norm_") ? 1 : 0;
        return uniform(name, Math.toIntExact(shape[0]), centre, 0.1f);
    }

    /** Pictures {@code (B, C, height, width)} in [−1, 1). */
    public static float[] pictures(PrxShape shape) {
        return uniform("pictures", shape.pixels(), 0, 1);
    }

    /** Noise {@code (B, C, height, width)}: uniform with variance 1, which is all the arithmetic needs. */
    public static float[] noise(PrxShape shape) {
        return uniform("noise", shape.pixels(), 0, (float) Math.sqrt(3));
    }

    /** Times {@code (B)} in [0, 1). */
    public static float[] times(PrxShape shape) {
        return uniform("times", shape.batch(), 0.5f, 0.5f);
    }

    /** Text states {@code (B, T, width)} of variance 1. */
    public static float[] text(PrxShape shape) {
        int count = shape.batch() * shape.textTokens() * shape.textWidth();
        return uniform("text", count, 0, (float) Math.sqrt(3));
    }

    /** Lengths {@code (B)} of the real text, between a quarter of T and T; later tokens are padding. */
    private static int[] textLengths(PrxShape shape) {
        int most = shape.textTokens();
        int least = Math.max(1, most / 4);
        float[] draws = uniform("text lengths", shape.batch(), 0.5f, 0.5f);
        int[] lengths = new int[shape.batch()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = least + (int) (draws[i] * (most - least + 1));
        }
        return lengths;
    }

    /** Mask {@code (B, T)}, true for the real tokens of {@link #textLengths}. */
    public static boolean[] textMask(PrxShape shape) {
        boolean[] real = new boolean[shape.batch() * shape.textTokens()];
        int[] lengths = textLengths(shape);
        for (int i = 0; i < real.length; i++) {
            real[i] = i % shape.textTokens() < lengths[i / shape.textTokens()];
        }
        return real;
    }
}
