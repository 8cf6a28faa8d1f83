package mezzotint.image;

import java.util.function.DoubleUnaryOperator;

/**
 * How float pictures, and tables of positions, are read between their samples: the modes of PyTorch's
 * {@code interpolate} with {@code align_corners=False}, and the one of TensorFlow 1.
 *
 * <p>Result i lies at c = (i + ½) · in/out of the source, whose sample j covers [j, j + 1). Coordinates are rounded to float32
 * where PyTorch rounds them, so that both pick the same samples. For eight-bit pictures see {@link Resampling}.
 */
public enum Interpolation {
    /** The sample {@code floor(i · in/out)}. */
    NEAREST,
    /** The two nearest samples, whatever the reduction. */
    BILINEAR,
    /** Keys' cubic with a = −¾ over four samples; beyond the border the outermost sample is repeated. */
    BICUBIC,
    /** A tent that widens with the reduction. */
    BILINEAR_ANTIALIASED,
    /** Keys' cubic with a = −½, which widens with the reduction. */
    BICUBIC_ANTIALIASED,
    /** The two samples around {@code i · in/out}: TensorFlow 1 without half-pixel centres, which FID's network was fed with. */
    BILINEAR_TENSORFLOW1;

    /**
     * The samples of result {@code i} and their weights.
     *
     * @param in samples of the source
     * @param scale samples of the source per result
     */
    TapRow row(int i, int in, float scale) {
        return switch (this) {
            case NEAREST -> new TapRow(Math.min((int) Math.floor(i * scale), in - 1), 1);
            case BILINEAR -> between(Math.max(0f, scale * (i + 0.5f) - 0.5f), in);
            case BILINEAR_TENSORFLOW1 -> between(i * scale, in);
            case BICUBIC -> cubic(scale * (i + 0.5f) - 0.5f, in);
            case BILINEAR_ANTIALIASED -> filtered(i, in, scale, 1, x -> Math.max(0, 1 - Math.abs(x)));
            case BICUBIC_ANTIALIASED -> filtered(i, in, scale, 2, x -> keys(x, -0.5));
        };
    }

    private static TapRow between(float at, int in) {
        int first = Math.min((int) at, in - 1);
        float part = Math.clamp(at - first, 0f, 1f);
        return first + 1 < in ? new TapRow(first, 1f - part, part) : new TapRow(first, 1);
    }

    private static TapRow cubic(float at, int in) {
        int floor = (int) Math.floor(at);
        float part = at - floor;
        int first = Math.clamp(floor - 1, 0, in - 1);
        double[] weights = new double[Math.clamp(floor + 2, 0, in - 1) - first + 1];
        for (int k = -1; k <= 2; k++) {
            weights[Math.clamp(floor + k, 0, in - 1) - first] += keys(part - k, -0.75);
        }
        return new TapRow(first, weights);
    }

    private static TapRow filtered(int i, int in, float scale, int reach, DoubleUnaryOperator filter) {
        float stretch = Math.max(1f, scale);
        return TapRow.filtered((float) (scale * (i + 0.5)), in, stretch, reach, filter);
    }

    /** Keys' piecewise cubic. */
    static double keys(double x, double a) {
        double t = Math.abs(x);
        if (t < 1) {
            return ((a + 2) * t - (a + 3)) * t * t + 1;
        }
        return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
    }
}
