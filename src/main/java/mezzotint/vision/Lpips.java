package mezzotint.vision;

import java.util.ArrayList;
import java.util.List;
import mezzotint.autograd.EncoderOperations;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.image.ImageNormalization;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.nn.Initialization;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * The learned perceptual distance LPIPS on VGG-16; its widths are those of the checkpoint.
 *
 * <pre>d(a, b) = Σ_l 1/N_l Σ_n Σ_c w_lc · (â_lnc − b̂_lnc)²</pre>
 *
 * over the layers relu1_2, 2_2, 3_3, 4_3 and 5_3; â is a pixel's channels at unit length.
 *
 * @see <a href="https://arxiv.org/abs/1801.03924">Zhang et al. 2018, eq. 1</a>
 * @see <a href="https://arxiv.org/abs/1409.1556">Simonyan and Zisserman 2014, table 1, column D</a>
 */
public final class Lpips {
    private static final int[][] CONVOLUTIONS = {{0, 2}, {5, 7}, {10, 12, 14}, {17, 19, 21}, {24, 26, 28}};
    private static final ConvolutionGeometry SAME = ConvolutionGeometry.padded(1, 1);
    private static final PoolingGeometry HALVING = new PoolingGeometry(2, 2, 0);

    /** Pixels in [−1, 1] minus (−.030, −.088, −.188), divided by (.458, .448, .450). */
    private static final ImageNormalization SCALING =
            new ImageNormalization(List.of(-0.030f, -0.088f, -0.188f), List.of(0.458f, 0.448f, 0.450f));

    private static final double LEAST_LENGTH = 1e-10; // added to a vector's length before it divides

    private record Layer(Parameter weight, Parameter bias) {}

    private final List<List<Layer>> slices = new ArrayList<>();
    private final List<Parameter> weights = new ArrayList<>();

    /**
     * Makes the network and loads it.
     *
     * @param source tensors named as in the package lpips: {@code net.slice1.0.weight}, {@code lin0.model.1.weight}
     * @param parameters where its parameters are added
     * @throws ShapeMismatchException where a tensor is missing, unknown or misshapen
     */
    public Lpips(NamedTensors source, Parameters parameters) {
        for (int slice = 0; slice < CONVOLUTIONS.length; slice++) {
            List<Layer> layers = new ArrayList<>();
            for (int index : CONVOLUTIONS[slice]) {
                String name = "net.slice%d.%d".formatted(slice + 1, index);
                long[] kernel = kernel(source, name + ".weight").dims();
                layers.add(new Layer(
                        parameters.add(name + ".weight", Initialization.zeros(), kernel),
                        parameters.add(name + ".bias", Initialization.zeros(), kernel[0])));
            }
            slices.add(layers);
            long width = layers.getLast().weight().value().shape().dim(0);
            Parameter lin =
                    parameters.add("lin%d.model.1.weight".formatted(slice), Initialization.zeros(), 1, width, 1, 1);
            weights.add(Parameter.frozen(lin.name(), lin.value().view(1, width)));
        }
        parameters.load(new SelectedTensors(source, Lpips::isUnused));
    }

    /** Tensors of a published checkpoint that are there twice, or are constants here. */
    private static boolean isUnused(String name) {
        return name.startsWith("lins.") || name.startsWith("scaling_layer.");
    }

    private static Shape kernel(NamedTensors source, String name) {
        if (!source.names().contains(name)) {
            throw new ShapeMismatchException(
                    "%s: LPIPS' tensor %s is missing; use the tensors of the package lpips, network and all",
                    source, name);
        }
        Shape shape = source.shape(name);
        if (shape.rank() != 4 || shape.dim(2) != 3 || shape.dim(3) != 3) {
            throw new ShapeMismatchException("%s: tensor %s %s, expected (out, in, 3, 3)", source, name, shape);
        }
        return shape;
    }

    /**
     * The distance of every pair of pictures.
     *
     * @param a (B, 3, H, W) in [−1, 1], sides at least 16; gradients flow to it and to b where they are wanted
     * @param b like a
     * @return (B)
     * @throws ShapeMismatchException where the shapes differ or are too small
     */
    public Tensor distance(Tape tape, Tensor a, Tensor b) {
        PixelShape.check("LPIPS", a);
        if (!a.shape().equals(b.shape())) {
            throw new ShapeMismatchException("LPIPS: pictures %s and %s, expected one shape", a.shape(), b.shape());
        }
        Tensor x = scaled(tape, a);
        Tensor y = scaled(tape, b);
        Tensor sum = null;
        for (int slice = 0; slice < slices.size(); slice++) {
            x = slice(tape, x, slice);
            y = slice(tape, y, slice);
            Tensor d = layerDistance(tape, x, y, weights.get(slice));
            sum = sum == null ? d : tape.add(sum, d);
        }
        return sum;
    }

    private static Tensor scaled(Tape tape, Tensor pixels) {
        return new PixelNormalization(SCALING)
                .applyChannelsLast(tape, tape.encoders().permute(pixels, 0, 2, 3, 1));
    }

    private Tensor slice(Tape tape, Tensor x, int slice) {
        EncoderOperations encoders = tape.encoders();
        Tensor y = slice == 0 ? x : encoders.maxPool(x, HALVING);
        for (Layer layer : slices.get(slice)) {
            y = encoders.relu(encoders.convolution(y, layer.weight(), layer.bias(), SAME));
        }
        return y;
    }

    /** (B, h, w, C) twice → (B). */
    private static Tensor layerDistance(Tape tape, Tensor x, Tensor y, Parameter weight) {
        Tensor difference = tape.add(unit(tape, x), tape.scale(unit(tape, y), -1f));
        // its own copy, since a kernel adds to two gradients that may not be one
        Tensor squares = tape.encoders().multiply(difference, tape.scale(difference, 1f));
        Tensor weighted = tape.linear(squares, weight); // (B, h, w, 1)
        long samples = x.shape().dim(0);
        long pixels = x.shape().dim(1) * x.shape().dim(2);
        return TokenMean.of(tape, weighted.view(samples, pixels, 1)).view(samples);
    }

    /**
     * Every pixel's channels at unit length: an RMS norm with the scale 1/√C. Its eps stands under the root, where LPIPS adds
     * 1e-10 after it: the same but for vectors shorter than about 1e-5.
     */
    private static Tensor unit(Tape tape, Tensor x) {
        int width = x.shape().size(3);
        float[] scale = new float[width];
        java.util.Arrays.fill(scale, (float) (1 / Math.sqrt(width)));
        float eps = (float) (LEAST_LENGTH * LEAST_LENGTH / width);
        return tape.rmsNorm(x, Parameter.frozen("unit length", tape.constant(scale, width)), eps);
    }
}
