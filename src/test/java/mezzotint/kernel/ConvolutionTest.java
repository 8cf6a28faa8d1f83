package mezzotint.kernel;

import mezzotint.kernel.reference.ReferencePictures;
import mezzotint.kernel.reference.ReferencePictures.ConvolutionSizes;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class ConvolutionTest {
    /** Multiply-adds beyond which a shape is for the loops of the CPU: the machine that runs PTX takes seconds for them. */
    private static final long MOST_WORK = 6_000_000;

    @Property(tries = 25)
    void isItsDefinition(@ForAll("sizes") ConvolutionSizes sizes) {
        verify(sizes, true);
    }

    @Provide
    Arbitrary<ConvolutionSizes> sizes() {
        Arbitrary<Integer> sides = Arbitraries.of(1, 2, 3, 5, 7, 11);
        Arbitrary<Integer> widths = Arbitraries.of(1, 2, 5, 9, 41, 43);
        Arbitrary<Integer> channels = Arbitraries.of(1, 2, 3, 5, 17, 24);
        Arbitrary<Integer> results = Arbitraries.of(1, 3, 8, 17, 33);
        Arbitrary<Integer> kernels = Arbitraries.integers().between(1, 4);
        return Combinators.combine(sides, widths, channels, results, kernels, kernels, geometries())
                .as((h, w, c, o, kh, kw, g) ->
                        new ConvolutionSizes(2, Math.max(h, kh), Math.max(w, kw), c, o, kh, kw, g));
    }

    /** Padding need not be less than the kernel, nor the same on all sides. */
    private static Arbitrary<ConvolutionGeometry> geometries() {
        Arbitrary<Integer> paddings = Arbitraries.integers().between(0, 3);
        return Combinators.combine(Arbitraries.integers().between(1, 3), paddings, paddings, paddings, paddings)
                .as((s, t, l, b, r) -> new ConvolutionGeometry(s, t, l, b, r, 1));
    }

    @Example
    void takesGroups() {
        verify(
                new ConvolutionSizes(
                        2, 5, 6, 12, 8, 3, 3, ConvolutionGeometry.padded(1, 1).withGroups(4)),
                true);
        verify(
                new ConvolutionSizes(
                        1, 4, 3, 6, 9, 1, 1, ConvolutionGeometry.padded(1, 0).withGroups(3)),
                false);
        verify(
                new ConvolutionSizes(
                        1, 5, 44, 66, 4, 3, 3, ConvolutionGeometry.padded(2, 1).withGroups(2)),
                true);
    }

    @Example
    void takesEveryChannelByItself() {
        for (int channels : new int[] {1, 7, 8, 19, 40}) {
            verify(depthwise(channels, ConvolutionGeometry.padded(1, 2), 5), true);
            verify(depthwise(channels, new ConvolutionGeometry(2, 0, 1, 1, 0, 1), 3), false);
        }
    }

    private static ConvolutionSizes depthwise(int channels, ConvolutionGeometry geometry, int kernel) {
        return new ConvolutionSizes(2, 7, 9, channels, channels, kernel, kernel, geometry.withGroups(channels));
    }

    /** Two results a channel: groups of one channel, but not the loops over channels by themselves. */
    @Example
    void takesSeveralResultsOfOneChannel() {
        verify(
                new ConvolutionSizes(
                        1, 5, 5, 3, 6, 3, 3, ConvolutionGeometry.padded(1, 1).withGroups(3)),
                true);
    }

    /** Where the CPU goes from line to line, from tap to tap and from run to run. */
    @Example
    void takesTheShapesOfAutoencoders() {
        verify(new ConvolutionSizes(1, 3, 97, 64, 40, 3, 3, ConvolutionGeometry.padded(1, 1)), true);
        verify(new ConvolutionSizes(1, 3, 45, 192, 17, 3, 3, ConvolutionGeometry.padded(1, 1)), true);
        verify(new ConvolutionSizes(1, 5, 84, 128, 20, 3, 3, new ConvolutionGeometry(2, 0, 0, 1, 1, 1)), true);
        verify(new ConvolutionSizes(1, 3, 42, 512, 16, 3, 3, ConvolutionGeometry.padded(1, 1)), false);
        verify(new ConvolutionSizes(2, 4, 4, 256, 24, 3, 3, ConvolutionGeometry.padded(1, 1)), true);
    }

    /** CUDA sums the gradient of the weights over 256 pixels at a time. */
    @Example
    void sumsTheGradientOfTheWeightsOverSlices() {
        verify(new ConvolutionSizes(1, 22, 27, 3, 5, 3, 3, ConvolutionGeometry.padded(1, 1)), true);
        verify(
                new ConvolutionSizes(
                        1, 20, 27, 8, 8, 3, 3, ConvolutionGeometry.padded(1, 1).withGroups(8)),
                true);
    }

    @Example
    void takesPatches() {
        verify(new ConvolutionSizes(2, 28, 42, 3, 20, 14, 14, ConvolutionGeometry.padded(14, 0)), true);
    }

    @Example
    void takesAKernelOfOnePixel() {
        verify(new ConvolutionSizes(2, 5, 7, 33, 19, 1, 1, ConvolutionGeometry.padded(1, 0)), true);
        verify(new ConvolutionSizes(2, 5, 7, 33, 19, 1, 1, ConvolutionGeometry.padded(2, 0)), true);
    }

    /** On the CPU a strip of rows holds 704 of a tap's channels, and the rest goes through a second time. */
    @Example
    void takesMoreChannelsThanAStripIsDeep() {
        verify(new ConvolutionSizes(1, 2, 9, 721, 5, 1, 1, ConvolutionGeometry.padded(1, 0)), true);
    }

    @Example
    void takesWeightsInBFloat16() {
        try (var tensors = new Tensors()) {
            var wide = new ConvolutionSizes(1, 4, 5, 6, 7, 3, 3, ConvolutionGeometry.padded(1, 1));
            verify(tensors, wide, tensors.normalBFloat16(2, 7, 6, 3, 3), true);
            var one = new ConvolutionSizes(1, 4, 5, 6, 7, 1, 1, ConvolutionGeometry.padded(1, 0));
            verify(tensors, one, tensors.normalBFloat16(2, 7, 6, 1, 1), true);
            var depthwise = depthwise(6, ConvolutionGeometry.padded(1, 1), 3);
            verify(tensors, depthwise, tensors.normalBFloat16(2, 6, 1, 3, 3), true);
        }
    }

    private static void verify(ConvolutionSizes s, boolean withBias) {
        try (var tensors = new Tensors()) {
            int perGroup = s.channels() / s.geometry().groups();
            verify(tensors, s, tensors.normal(2, s.results(), perGroup, s.kh(), s.kw()), withBias);
        }
    }

    private static void verify(Tensors tensors, ConvolutionSizes s, Tensor weight, boolean withBias) {
        Tensor bias = withBias ? tensors.normal(3, s.results()) : null;
        double[] biasValues = withBias ? Tensors.doubles(bias) : null;
        long work =
                2L * s.b() * s.outputHeight() * s.outputWidth() * weight.shape().elements();
        KernelCase kernelCase = new KernelCase(tensors)
                .input("x", tensors.normal(1, s.b(), s.height(), s.width(), s.channels()))
                .parameter("weight", weight)
                .outputs(Shape.of(s.b(), s.outputHeight(), s.outputWidth(), s.results()))
                .forward((k, out, in) -> k.convolution().forward(out[0], in[0], in[1], bias, s.geometry()))
                .backward((k, grad, gradOut, out, in) ->
                        k.convolution().backward(grad[0], grad[1], gradOut, in[0], in[1], s.geometry()))
                .reference(in -> new double[][] {ReferencePictures.convolution(s, in[0], in[1], biasValues)})
                // Chains of up to 4,608 float32 roundings, which grow with the square root of their number.
                .tolerance(2e-6, 1e-5)
                .coordinates(work > 1_000_000 ? 6 : 40);
        if (work > MOST_WORK) {
            kernelCase.verifyOnCpu();
        } else {
            kernelCase.verify();
        }
    }
}
