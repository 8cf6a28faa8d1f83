package mezzotint.latent;

import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Each pixel becomes 2×2 of its kind, then a 3×3 convolution.
 *
 * <p>A window over repeated pixels sees only 2×2 different ones, so on a tape that does not record the weights of equal pixels are
 * added first: four 2×2 convolutions of the coarse picture, one for each place within the 2×2, and 4/9 of the products. Gradients of
 * the weights want them as they are.
 */
record DoubledConvolution(ConvolutionLayer convolution) implements Layer {
    @Override
    public Tensor forward(Tape tape, Tensor x) {
        if (tape.isRecording()) {
            return convolution.forward(tape, Rearrangement.nearestTwice(tape, x));
        }
        Shape s = x.shape();
        Tensor[] rows = new Tensor[2];
        for (int u = 0; u < 2; u++) {
            int row = u;
            Tensor wide = tape.checkpoint(inner -> inner.encoders()
                    .concatenateLast(place(inner, x, row, 0), place(inner, x, row, 1))); // (B, h, w, 2·O)
            rows[u] = wide.view(s.dim(0) * s.dim(1), s.dim(2) * wide.shape().dim(3));
        }
        return tape.encoders().concatenateLast(rows).view(s.dim(0), 2 * s.dim(1), 2 * s.dim(2), convolution.results());
    }

    /** The pixels in row u, column v of every 2×2: (B, h, w, O). */
    private Tensor place(Tape tape, Tensor x, int u, int v) {
        Shape s = convolution.weight().value().shape();
        float[] sums = sums(convolution.weight().value().toFloats(), u, v);
        Parameter weight = Parameter.frozen(convolution.weight().name(), tape.constant(sums, s.dim(0), s.dim(1), 2, 2));
        return convolution.forward(tape, x, weight, new ConvolutionGeometry(1, 1 - u, 1 - v, u, v, 1));
    }

    /** Of 3 taps, place 0 sees the first and the sum of the others, place 1 the sum of the first two and the last. */
    private static float[] sums(float[] weights, int u, int v) {
        float[] sums = new float[weights.length / 9 * 4];
        for (int i = 0; i < weights.length; i++) {
            int row = i % 9 / 3;
            int column = i % 3;
            sums[i / 9 * 4 + (row + 1 - u) / 2 * 2 + (column + 1 - v) / 2] += weights[i];
        }
        return sums;
    }

    @Override
    public Extent out(Extent in) {
        return convolution.out(in.finer(2));
    }

    @Override
    public long peak(Extent in) {
        long y = out(in).bytes();
        long weights = Extent.padded(4 * in.channels() * out(in).channels() * Float.BYTES);
        return Math.max(y + y / 2 + 2 * weights, 2 * y);
    }
}
