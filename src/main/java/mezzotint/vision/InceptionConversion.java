package mezzotint.vision;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mezzotint.image.ImageNormalization;
import mezzotint.io.Json;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.nn.NamedTensors;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;

/**
 * Turns the Keras Inception-v3 of a TensorFlow.js model into a folder that {@link VisionEncoders#open} reads: its first blocks,
 * up to {@code mixed5}, whose kernels that model left as ImageNet had made them.
 *
 * <p>Their running means and variances are not ImageNet's but of that model's own pictures, in [0, 1]: the means of the first
 * layer are Σ kernel · (0.59, 0.52, 0.49) with a correlation of 0.99995, where pixels in [−1, 1] would ask for about −0.1. So
 * pixels in [0, 1] are what these normalisations bring to mean 0 and variance 1, and what the network is given. Of 320 emoji, the
 * nearest neighbour is then of the same one of ten groups for 72%, with pixels in [−1, 1] for 64%, by the pixels alone for 54%.
 *
 * <p>Keras numbers its convolutions in the order of {@link InceptionBlock}; kernels become (out, in, height, width).
 */
public final class InceptionConversion {
    /** Pixels in [0, 1]. */
    static final ImageNormalization NORMALIZATION = ImageNormalization.NONE;

    private InceptionConversion() {}

    /**
     * Converts; the weights are written last.
     *
     * @param source what to call the model in a message
     * @param model the script with the manifest
     * @param shards the scripts with the data, in order
     * @param folder exists; gets {@code config.json} and {@code model.safetensors}
     * @throws MalformedTfjsException where the scripts do not hold such a model
     * @throws mezzotint.io.FileWriteException where the folder cannot be written
     */
    public static void convert(String source, String model, List<String> shards, Path folder) {
        TfjsModel tensors = TfjsModel.read(source, model, shards);
        SafeTensorsWriter writer = new SafeTensorsWriter(Map.of("format", "pt", "source", source));
        List<String> units = new ArrayList<>();
        InceptionBlock.upTo(InceptionCut.MIXED_6C).forEach(block -> units.addAll(block.unitNames()));
        for (int i = 0; i < units.size(); i++) {
            String ours = units.get(i);
            kernel(writer, tensors, "conv2d_%d/kernel".formatted(i + 1), ours + ".conv.weight");
            String norm = "batch_normalization_%d/".formatted(i + 1);
            vector(writer, tensors, norm + "beta", ours + ".bn.bias");
            vector(writer, tensors, norm + "moving_mean", ours + ".bn.running_mean");
            vector(writer, tensors, norm + "moving_variance", ours + ".bn.running_var");
        }
        Json.write(folder.resolve("config.json"), config(source));
        writer.write(folder.resolve("model.safetensors"));
    }

    private static ObjectNode config(String source) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("model_type", VisionEncoders.INCEPTION_MIXED5);
        json.put("source", source);
        json.put("note", "cut after mixed5: distances are not comparable with published FID");
        return json;
    }

    private static void vector(SafeTensorsWriter writer, NamedTensors tensors, String theirs, String ours) {
        writer.add(ours, DType.F32, tensors.shape(theirs), tensors.values(theirs));
    }

    private static void kernel(SafeTensorsWriter writer, NamedTensors tensors, String theirs, String ours) {
        Shape shape = tensors.shape(theirs);
        if (shape.rank() != 4) {
            throw new ShapeMismatchException(
                    "%s: kernel %s %s, expected (height, width, in, out)", tensors, theirs, shape);
        }
        int area = shape.size(0) * shape.size(1);
        int in = shape.size(2);
        int out = shape.size(3);
        float[] x = tensors.values(theirs);
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            int pixel = i / (in * out);
            int c = i / out % in;
            y[(i % out * in + c) * area + pixel] = x[i];
        }
        writer.add(ours, DType.F32, Shape.of(out, in, shape.dim(0), shape.dim(1)), y);
    }
}
