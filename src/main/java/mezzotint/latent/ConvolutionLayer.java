package mezzotint.latent;

import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/** {@code weight} (O, C/groups, k, k) and, by choice, {@code bias} (O); initialised as PyTorch does. */
final class ConvolutionLayer implements Layer {
    private final Parameter weight;
    private final Parameter bias;
    private final ConvolutionGeometry geometry;
    private final int kernel;
    private final int out;

    private ConvolutionLayer(Parameters scope, int in, int out, int kernel, ConvolutionGeometry geometry, boolean bias) {
        this.geometry = geometry;
        this.kernel = kernel;
        this.out = out;
        int group = in / geometry.groups();
        Initialization initialization = Initialization.linear((long) group * kernel * kernel);
        this.weight = scope.add("weight", initialization, out, group, kernel, kernel);
        this.bias = bias ? scope.add("bias", initialization, out) : null;
    }

    /** An odd kernel that keeps the sides, with bias. */
    static ConvolutionLayer same(Parameters scope, int in, int out, int kernel) {
        return new ConvolutionLayer(scope, in, out, kernel, ConvolutionGeometry.padded(1, kernel / 2), true);
    }

    /** An odd kernel that keeps the sides, without bias. */
    static ConvolutionLayer unbiased(Parameters scope, int in, int out, int kernel, int groups) {
        return new ConvolutionLayer(
                scope, in, out, kernel, ConvolutionGeometry.padded(1, kernel / 2).withGroups(groups), false);
    }

    /** A 3×3 kernel for every channel by itself. */
    static ConvolutionLayer depthwise(Parameters scope, int channels) {
        return new ConvolutionLayer(
                scope, channels, channels, 3, ConvolutionGeometry.padded(1, 1).withGroups(channels), true);
    }

    /** A 3×3 kernel with stride 2, for even sides; zeros below and to the right, or all around. */
    static ConvolutionLayer halving(Parameters scope, int in, int out, boolean padAllSides) {
        int before = padAllSides ? 1 : 0;
        return new ConvolutionLayer(scope, in, out, 3, new ConvolutionGeometry(2, before, before, 1, 1, 1), true);
    }

    @Override
    public Tensor forward(Tape tape, Tensor x) {
        return tape.encoders().convolution(x, weight, bias, geometry);
    }

    @Override
    public Extent out(Extent in) {
        return new Extent(
                in.batch(),
                geometry.outputHeight(in.height(), kernel),
                geometry.outputWidth(in.width(), kernel),
                out);
    }

    @Override
    public long peak(Extent in) {
        return out(in).bytes();
    }
}
