package mezzotint.kernel.cuda;

import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.EncoderKernels;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.Tensor;

/** {@link EncoderKernels.Convolution} on CUDA: implicit products, and plain ones for kernels of one pixel. */
final class CudaConvolution implements EncoderKernels.Convolution {
    private static final String MODULE = "convolution";
    private static final int THREADS = 256;
    private static final int TILE = 64;

    /** Groups with fewer results than this would leave most of a tile empty. */
    private static final int FEWEST_RESULTS = 16;

    /** Blocks that the slices of a weight's gradient should make: several for every multiprocessor of a large GPU. */
    private static final int BLOCKS = 1024;

    private static final int FEWEST_PIXELS = 256;

    private final CudaLauncher launcher;
    private final Kernels.Matmul matmul;

    /** @param matmul for kernels of one pixel */
    CudaConvolution(CudaLauncher launcher, Kernels.Matmul matmul) {
        this.launcher = launcher;
        this.matmul = matmul;
    }

    /**
     * What a weight (O, C/groups, kh, kw) says.
     *
     * @param results of a group
     * @param channels of a group
     */
    private record Filter(Tensor weight, int groups, int results, int channels, int taps) {
        static Filter of(Tensor weight, ConvolutionGeometry geometry) {
            return new Filter(
                    weight,
                    geometry.groups(),
                    weight.shape().size(0) / geometry.groups(),
                    weight.shape().size(1),
                    Math.multiplyExact(weight.shape().size(2), weight.shape().size(3)));
        }

        int elements() {
            return Math.toIntExact(weight.shape().elements());
        }

        int all() {
            return groups * results;
        }
    }

    @Override
    public void forward(Tensor y, Tensor x, Tensor weight, Tensor bias, ConvolutionGeometry geometry) {
        if (y.shape().elements() == 0) {
            return;
        }
        if (isProduct(weight, geometry)) {
            matmul.multiply(tokens(y), tokens(x), rows(weight), bias, false, true, false);
            return;
        }
        Filter filter = Filter.of(weight, geometry);
        gather("forward", y, x, filter, bias, geometry, filter.channels, filter.results);
    }

    @Override
    public void backward(
            Tensor gradX, Tensor gradWeight, Tensor gradY, Tensor x, Tensor weight, ConvolutionGeometry geometry) {
        if (gradY.shape().elements() == 0) {
            return;
        }
        Filter filter = Filter.of(weight, geometry);
        boolean product = isProduct(weight, geometry);
        if (gradX != null) {
            if (product) {
                matmul.multiply(tokens(gradX), tokens(gradY), rows(weight), null, false, false, true);
            } else {
                gather("backward", gradX, gradY, filter, null, geometry, filter.results, filter.channels);
            }
        }
        if (gradWeight != null) {
            if (product) {
                matmul.multiply(rows(gradWeight), tokens(gradY), tokens(x), null, true, false, true);
            } else {
                gradWeight(gradWeight, gradY, x, filter, geometry);
            }
        }
    }

    /** @param from channels of a group of {@code x}, and {@code to} of {@code y} */
    private void gather(
            String way,
            Tensor y,
            Tensor x,
            Filter filter,
            Tensor bias,
            ConvolutionGeometry geometry,
            int from,
            int to) {
        long weights = turned(filter, way.equals("backward"));
        int pixels = Planes.rows(y);
        boolean direct = filter.groups > 1 && to < FEWEST_RESULTS;
        LaunchGrid grid =
                direct ? Planes.grid(pixels, y.shape().size(3)) : tiles(pixels, Math.ceilDiv(to, TILE), filter.groups);
        launcher.launch(
                MODULE,
                (direct ? "convolution_direct_" : "convolution_") + way,
                grid,
                a -> pictures(a.tensor(y).tensor(x).wide(weights).tensor(bias), y, x, filter, geometry)
                        .integer(from)
                        .integer(to)
                        .integer(filter.weight.shape().size(3)));
    }

    /** The weights in scratch, with what is written side by side. */
    private long turned(Filter filter, boolean backward) {
        long weights = launcher.scratch(4L * filter.elements());
        launcher.launch(
                MODULE,
                "convolution_weights" + CudaLauncher.suffix(filter.weight.dtype()),
                LaunchGrid.of(Math.ceilDiv(filter.elements(), THREADS), THREADS),
                a -> a.wide(weights)
                        .tensor(filter.weight)
                        .integer(filter.all())
                        .integer(filter.channels)
                        .integer(filter.taps)
                        .integer(filter.groups)
                        .integer(backward ? 1 : 0));
        return weights;
    }

    private void gradWeight(Tensor gradWeight, Tensor gradY, Tensor x, Filter filter, ConvolutionGeometry geometry) {
        int pixels = Planes.rows(gradY);
        int depth = filter.taps * filter.channels;
        boolean direct = filter.groups > 1 && filter.results < FEWEST_RESULTS;
        int down = direct ? depth : Math.ceilDiv(depth, TILE);
        int across = direct ? Planes.strips(filter.all()) : Math.ceilDiv(filter.results, TILE);
        long blocks = (long) down * across * (direct ? 1 : filter.groups);
        int piece = Math.max(FEWEST_PIXELS, (int) Math.ceilDiv(pixels * blocks, BLOCKS));
        int count = Math.ceilDiv(pixels, piece);
        long slices = launcher.scratch(4L * count * filter.elements());
        LaunchGrid grid = direct
                ? new LaunchGrid(count, across, down, THREADS, 1, 1, 0)
                : new LaunchGrid(down, Math.multiplyExact(across, count), filter.groups, THREADS, 1, 1, 0);
        launcher.launch(
                MODULE,
                direct ? "convolution_direct_weight_slices" : "convolution_weight_slices",
                grid,
                a -> pictures(a.wide(slices).tensor(x).tensor(gradY), gradY, x, filter, geometry)
                        .integer(filter.channels)
                        .integer(filter.results)
                        .integer(filter.weight.shape().size(3))
                        .integer(piece));
        launcher.launch(
                MODULE,
                "convolution_weight_sums",
                LaunchGrid.of(Math.ceilDiv(filter.elements(), THREADS), THREADS),
                a -> a.tensor(gradWeight)
                        .wide(slices)
                        .integer(count)
                        .integer(filter.all())
                        .integer(filter.channels)
                        .integer(filter.taps));
    }

    private static LaunchGrid tiles(int pixels, int strips, int groups) {
        return new LaunchGrid(Math.ceilDiv(pixels, TILE), strips, groups, THREADS, 1, 1, 0);
    }

    /** Sides of the picture whose pixels gather and of the one that they gather from. */
    private static LaunchArguments pictures(
            LaunchArguments a, Tensor own, Tensor from, Filter filter, ConvolutionGeometry geometry) {
        return a.integer(own.shape().size(0))
                .integer(own.shape().size(1))
                .integer(own.shape().size(2))
                .integer(own.shape().size(3))
                .integer(from.shape().size(1))
                .integer(from.shape().size(2))
                .integer(from.shape().size(3))
                .integer(filter.taps)
                .integer(geometry.stride())
                .integer(geometry.top())
                .integer(geometry.left());
    }

    private static boolean isProduct(Tensor weight, ConvolutionGeometry geometry) {
        boolean onePixel = weight.shape().dim(2) == 1 && weight.shape().dim(3) == 1;
        return onePixel && geometry.equals(ConvolutionGeometry.padded(1, 0));
    }

    private static Tensor tokens(Tensor picture) {
        return picture.view(Planes.rows(picture), picture.shape().dim(3));
    }

    private static Tensor rows(Tensor weight) {
        return weight.view(weight.shape().dim(0), weight.shape().dim(1));
    }
}
