package mezzotint.kernel.cpu;

import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Convolution} on the CPU: products, but for channels by themselves. */
final class CpuConvolution implements EncoderKernels.Convolution {
    private final Kernels.Matmul matmul;
    private final CorrelationProduct product;
    private final CorrelationWeights weights;
    private final DepthwiseConvolution depthwise;

    /** @param matmul for kernels of one pixel, which are plain products */
    CpuConvolution(CpuResources resources, Kernels.Matmul matmul) {
        this.matmul = matmul;
        this.product = new CorrelationProduct(resources);
        this.weights = new CorrelationWeights(resources, new CpuMatmul(resources));
        this.depthwise = new DepthwiseConvolution(resources);
    }

    @Override
    public void forward(Tensor y, Tensor x, Tensor weight, Tensor bias, ConvolutionGeometry geometry) {
        if (isDepthwise(y, weight, geometry)) {
            depthwise.forward(y, x, weight, bias, geometry);
        } else if (isProduct(weight, geometry)) {
            matmul.multiply(tokens(y), tokens(x), rows(weight), bias, false, true, false);
        } else {
            int groups = geometry.groups();
            int results = y.shape().size(3) / groups;
            for (int group = 0; group < groups; group++) {
                Correlation pass = pass(y, x, weight, geometry, group);
                long element = (long) group * results * pass.depth();
                int taps = pass.tapRows() * pass.tapColumns();
                var taken = new TapWeights(
                        weight.address() + weight.dtype().bytes() * element,
                        weight.dtype(),
                        pass.depth(),
                        taps,
                        pass.tapColumns(),
                        1,
                        pass.channels());
                product.run(pass, taken, bias == null ? 0 : bias.address() + 4L * group * results, false);
            }
        }
    }

    @Override
    public void backward(
            Tensor gradX, Tensor gradWeight, Tensor gradY, Tensor x, Tensor weight, ConvolutionGeometry geometry) {
        if (isDepthwise(gradY, weight, geometry)) {
            if (gradX != null) {
                depthwise.gradX(gradX, gradY, weight, geometry);
            }
            if (gradWeight != null) {
                depthwise.gradWeight(gradWeight, gradY, x, geometry);
            }
        } else if (isProduct(weight, geometry)) {
            if (gradX != null) {
                matmul.multiply(tokens(gradX), tokens(gradY), rows(weight), null, false, false, true);
            }
            if (gradWeight != null) {
                matmul.multiply(rows(gradWeight), tokens(gradY), tokens(x), null, true, false, true);
            }
        } else {
            for (int group = 0; group < geometry.groups(); group++) {
                if (gradX != null) {
                    gradX(gradX, gradY, weight, geometry, group);
                }
                if (gradWeight != null) {
                    Correlation pass = pass(gradY, x, weight, geometry, group);
                    weights.add(pass, gradWeight.address() + 4L * group * pass.results() * pass.depth());
                }
            }
        }
    }

    private void gradX(Tensor gradX, Tensor gradY, Tensor weight, ConvolutionGeometry geometry, int group) {
        int s = geometry.stride();
        int results = weight.shape().size(0) / geometry.groups();
        int channels = weight.shape().size(1);
        int kh = weight.shape().size(2);
        int kw = weight.shape().size(3);
        Correlation.Picture from = picture(gradY).from(group * results);
        Correlation.Picture to = picture(gradX).from(group * channels);
        for (int row = 0; row < s; row++) {
            for (int column = 0; column < s; column++) {
                Correlation pass = Correlation.backward(
                        from, results, to, channels, gradX.shape().size(0), kh, kw, geometry, row, column);
                long u = Correlation.firstTap(row, geometry.top(), s) + (long) s * (pass.tapRows() - 1);
                long v = Correlation.firstTap(column, geometry.left(), s) + (long) s * (pass.tapColumns() - 1);
                long element = (long) group * results * channels * kh * kw + u * kw + v;
                var taken = new TapWeights(
                        weight.address() + weight.dtype().bytes() * element,
                        weight.dtype(),
                        (long) kh * kw,
                        (long) channels * kh * kw,
                        -(long) s * kw,
                        -s,
                        results);
                if (pass.depth() > 0) {
                    product.run(pass, taken, 0, true);
                }
            }
        }
    }

    private static Correlation pass(Tensor y, Tensor x, Tensor weight, ConvolutionGeometry geometry, int group) {
        int channels = weight.shape().size(1);
        int results = weight.shape().size(0) / geometry.groups();
        return Correlation.forward(
                picture(x).from(group * channels),
                channels,
                picture(y).from(group * results),
                results,
                x.shape().size(0),
                weight.shape().size(2),
                weight.shape().size(3),
                geometry);
    }

    private static boolean isDepthwise(Tensor y, Tensor weight, ConvolutionGeometry geometry) {
        return weight.shape().dim(1) == 1 && y.shape().dim(3) == geometry.groups();
    }

    private static boolean isProduct(Tensor weight, ConvolutionGeometry g) {
        boolean onePixel = weight.shape().dim(2) == 1 && weight.shape().dim(3) == 1;
        return onePixel
                && g.groups() == 1
                && g.stride() == 1
                && g.top() == 0
                && g.left() == 0
                && g.bottom() == 0
                && g.right() == 0;
    }

    private static Tensor tokens(Tensor picture) {
        long channels = picture.shape().dim(3);
        return picture.view(picture.shape().rows(), channels);
    }

    private static Tensor rows(Tensor weight) {
        return weight.view(weight.shape().dim(0), weight.shape().dim(1));
    }

    /** A tensor (B, height, width, C) as pictures. */
    static Correlation.Picture picture(Tensor x) {
        return new Correlation.Picture(
                x.address(), x.shape().size(1), x.shape().size(2), x.shape().size(3));
    }
}
