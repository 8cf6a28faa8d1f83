package mezzotint.image;

import java.util.function.DoubleUnaryOperator;

/**
 * How a picture changes size: two separable passes whose filter widens with the reduction, so a reduction never
 * aliases; eight-bit fixed-point arithmetic exactly as Pillow's.
 *
 * <pre>out(i) = Σ_j in(j) · w((j − c_i + ½) / s) / Σ w,   c_i = (i + ½) · in/out,   s = max(1, in/out)</pre>
 */
public enum Resampling {
    /** The mean over the area that a pixel covers. */
    BOX(0.5, x -> x > -0.5 && x <= 0.5 ? 1 : 0),
    /** A tent. */
    BILINEAR(1, x -> Math.max(0, 1 - Math.abs(x))),
    /** Keys' cubic with a = −½. */
    BICUBIC(2, x -> Interpolation.keys(x, -0.5)),
    /** A sinc under a sinc window of three lobes. */
    LANCZOS(3, x -> -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0);

    private static final int PRECISION = 22; // bits of fraction; 8 for the pixel and 2 to spare

    private final double support;
    private final DoubleUnaryOperator weight;

    Resampling(double support, DoubleUnaryOperator weight) {
        this.support = support;
        this.weight = weight;
    }

    byte[] horizontally(byte[] rgb, int width, int height, int newWidth) {
        if (width == newWidth) {
            return rgb;
        }
        Taps[] taps = taps(width, newWidth);
        byte[] out = new byte[Math.multiplyExact(3 * newWidth, height)];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < newWidth; x++) {
                taps[x].apply(rgb, 3 * y * width, 3, out, 3 * (y * newWidth + x));
            }
        }
        return out;
    }

    byte[] vertically(byte[] rgb, int width, int height, int newHeight) {
        if (height == newHeight) {
            return rgb;
        }
        Taps[] taps = taps(height, newHeight);
        byte[] out = new byte[Math.multiplyExact(3 * width, newHeight)];
        for (int y = 0; y < newHeight; y++) {
            for (int x = 0; x < width; x++) {
                taps[y].apply(rgb, 3 * x, 3 * width, out, 3 * (y * width + x));
            }
        }
        return out;
    }

    /** The weights of one output pixel, from input pixel {@code first} on, in units of 2⁻²². */
    private record Taps(int first, int[] weights) {
        void apply(byte[] in, int start, int stride, byte[] out, int at) {
            int from = start + first * stride;
            for (int c = 0; c < 3; c++) {
                int sum = 1 << (PRECISION - 1);
                for (int k = 0; k < weights.length; k++) {
                    sum += weights[k] * (in[from + k * stride + c] & 0xff);
                }
                out[at + c] = (byte) Math.clamp(sum >> PRECISION, 0, 255);
            }
        }
    }

    private Taps[] taps(int in, int out) {
        double scale = (double) in / out;
        Taps[] taps = new Taps[out];
        for (int i = 0; i < out; i++) {
            TapRow row = TapRow.filtered((i + 0.5) * scale, in, Math.max(1, scale), support, weight);
            int[] fixed = new int[row.weights().length];
            for (int k = 0; k < fixed.length; k++) {
                double v = row.weights()[k] * (1 << PRECISION);
                fixed[k] = (int) (v < 0 ? v - 0.5 : v + 0.5);
            }
            taps[i] = new Taps(row.first(), fixed);
        }
        return taps;
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }
}
