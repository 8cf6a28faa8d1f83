package mezzotint.vision;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import mezzotint.autograd.EncoderOperations;
import mezzotint.autograd.Tape;
import mezzotint.image.ImageNormalization;
import mezzotint.image.PicturePreparation;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.kernel.PoolingGeometry;
import mezzotint.nn.Initialization;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * Inception-v3 as FID uses it, whole or cut; its widths are those of the checkpoint.
 *
 * <p>Averages around the border leave out what lies outside, and the last block takes the largest instead of the mean. Tokens are
 * the last block's pixels, the pooled vector is their mean.
 *
 * @see <a href="https://arxiv.org/abs/1512.00567">Szegedy et al. 2015</a>
 * @see <a href="https://arxiv.org/abs/1706.08500">Heusel et al. 2017 (FID)</a>
 */
public final class Inception implements VisionEncoder {
    private static final PoolingGeometry HALVING = new PoolingGeometry(3, 2, 0);
    private static final PoolingGeometry SAME = new PoolingGeometry(3, 1, 1);
    private static final int TRAINED_SIDE = 299;

    private final InceptionCut cut;
    private final ImageNormalization normalization;
    private final Map<String, InceptionUnit> units = new LinkedHashMap<>();
    private final int width;

    /**
     * Makes the network and loads it; tensors beyond the cut are not looked at.
     *
     * @param source tensors named as in FID's published checkpoint: {@code Mixed_6b.branch7x7_1.conv.weight},
     *     {@code ….bn.running_mean}; without {@code ….bn.weight} it is 1
     * @param normalization what the weights were trained with: {@link ImageNormalization#FID} for FID's
     * @param parameters where its parameters, folded, are added
     * @throws ShapeMismatchException where a tensor is missing or misshapen
     */
    public Inception(NamedTensors source, InceptionCut cut, ImageNormalization normalization, Parameters parameters) {
        this.cut = cut;
        this.normalization = normalization;
        Set<String> names = new LinkedHashSet<>();
        for (InceptionBlock block : InceptionBlock.upTo(cut)) {
            names.addAll(block.unitNames());
        }
        checkNames(source, names);
        InceptionWeights weights = new InceptionWeights(source, names);
        for (InceptionBlock block : InceptionBlock.upTo(cut)) {
            block.unitNames().forEach(name -> units.put(name, unit(parameters, weights, block, name)));
        }
        parameters.load(weights);
        width = InceptionBlock.widthAfter(
                cut, name -> units.get(name).weight().value().shape().size(0));
    }

    private static void checkNames(NamedTensors source, Set<String> units) {
        for (String unit : units) {
            for (String suffix : new String[] {".conv.weight", ".bn.bias", ".bn.running_mean", ".bn.running_var"}) {
                if (!source.names().contains(unit + suffix)) {
                    throw new ShapeMismatchException(
                            "%s: Inception-v3's tensor %s is missing; use the checkpoint as it was published",
                            source, unit + suffix);
                }
            }
            Shape kernel = source.shape(unit + ".conv.weight");
            if (kernel.rank() != 4) {
                throw new ShapeMismatchException(
                        "%s: tensor %s.conv.weight %s, expected (out, in, height, width)", source, unit, kernel);
            }
        }
    }

    private static InceptionUnit unit(
            Parameters parameters, InceptionWeights weights, InceptionBlock block, String name) {
        long[] kernel = weights.shape(name + ".weight").dims();
        boolean valid = block.isValid(name);
        int rows = valid ? 0 : (int) (kernel[2] - 1) / 2;
        int columns = valid ? 0 : (int) (kernel[3] - 1) / 2;
        return new InceptionUnit(
                parameters.add(name + ".weight", Initialization.zeros(), kernel),
                parameters.add(name + ".bias", Initialization.zeros(), kernel[0]),
                new ConvolutionGeometry(block.stride(name), rows, columns, rows, columns, 1));
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public int pooledWidth() {
        return width;
    }

    @Override
    public int patch() {
        return cut.patch();
    }

    @Override
    public int sideFor(int tokens) {
        return cut.sideFor(tokens);
    }

    @Override
    public int trainedSide() {
        return TRAINED_SIDE;
    }

    @Override
    public ImageNormalization normalization() {
        return normalization;
    }

    @Override
    public PicturePreparation preparation() {
        return PicturePreparation.ANTIALIASED;
    }

    @Override
    public VisionFeatures features(Tape tape, Tensor normalized) {
        return features(tape, normalized, (block, y) -> {});
    }

    /**
     * What it sees, and what it saw on the way.
     *
     * @param normalized (B, 3, H, W)
     * @param seen given every block's name and result, (B, h, w, C), which may be read until it returns: {@code pool1},
     *     {@code pool2}, {@code Mixed_5b}, …
     * @throws ShapeMismatchException where the picture is too small
     */
    public VisionFeatures features(Tape tape, Tensor normalized, BiConsumer<String, Tensor> seen) {
        PixelShape.check("Inception", normalized);
        Tensor x = tape.encoders().permute(normalized, 0, 2, 3, 1);
        for (InceptionBlock block : InceptionBlock.upTo(cut)) {
            Tensor in = x;
            x = tape.isRecording() ? apply(tape, block, in) : tape.checkpoint(t -> apply(t, block, in));
            seen.accept(block.published(), x);
        }
        int rows = x.shape().size(1);
        int columns = x.shape().size(2);
        Tensor tokens = x.view(x.shape().dim(0), (long) rows * columns, width);
        return new VisionFeatures(tokens, 0, rows, columns, TokenMean.of(tape, tokens));
    }

    private Tensor apply(Tape tape, InceptionBlock block, Tensor x) {
        EncoderOperations encoders = tape.encoders();
        return switch (block.kind()) {
            case STEM -> encoders.maxPool(chain(tape, block, x, block.branches().getFirst()), HALVING);
            case MEAN -> joined(tape, block, x, encoders.averagePool(x, SAME, false));
            case LARGEST -> joined(tape, block, x, encoders.maxPool(x, SAME));
            case HALVED -> joined(tape, block, x, encoders.maxPool(x, HALVING));
        };
    }

    /** The branches side by side; the last one starts from the pooled picture, and is that picture where it has no units. */
    private Tensor joined(Tape tape, InceptionBlock block, Tensor x, Tensor pooled) {
        int count = block.branches().size();
        Tensor[] parts = new Tensor[count];
        for (int i = 0; i < count; i++) {
            parts[i] = chain(
                    tape, block, i == count - 1 ? pooled : x, block.branches().get(i));
        }
        return tape.encoders().concatenateLast(parts);
    }

    /** Units one after the other; where a name ends in {@code *}, two of them side by side on the same picture. */
    private Tensor chain(Tape tape, InceptionBlock block, Tensor x, Iterable<String> names) {
        Tensor y = x;
        for (String name : names) {
            String full = block.full(name);
            y = name.endsWith("*")
                    ? tape.encoders()
                            .concatenateLast(
                                    units.get(InceptionBlock.first(full)).apply(tape, y),
                                    units.get(InceptionBlock.second(full)).apply(tape, y))
                    : units.get(full).apply(tape, y);
        }
        return y;
    }

    @Override
    public String toString() {
        return "Inception[%s, %d channels]".formatted(cut, width);
    }
}
