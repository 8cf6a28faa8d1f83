package mezzotint.text;

import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;

/**
 * Mean and standard deviation of each dimension of a frozen encoder's states, over all tokens of the training captions.
 *
 * <p>They belong to the model trained with them: keep them with its checkpoint.
 */
public final class TextStatistics {
    private static final int PROMPTS_AT_ONCE = 256;

    private final String encoder;
    private final float[] mean;
    private final float[] deviation;

    /**
     * Statistics from elsewhere, such as a checkpoint.
     *
     * @param encoder name of the encoder they were measured on
     * @param mean one for each dimension
     * @param deviation one for each dimension, &gt; 0
     * @throws IllegalArgumentException where the lengths differ or a number is not finite or a deviation not positive
     */
    public TextStatistics(String encoder, float[] mean, float[] deviation) {
        if (mean.length != deviation.length) {
            throw new ShapeMismatchException("text statistics: %d means, %d deviations", mean.length, deviation.length);
        }
        for (int i = 0; i < mean.length; i++) {
            if (!Float.isFinite(mean[i]) || !(deviation[i] > 0) || !Float.isFinite(deviation[i])) {
                throw new IllegalArgumentException("text statistics of %s: dimension %d has mean %s and deviation %s,"
                                .formatted(encoder, i, mean[i], deviation[i])
                        + " expected finite numbers and a deviation above 0");
            }
        }
        this.encoder = encoder;
        this.mean = mean.clone();
        this.deviation = deviation.clone();
    }

    /**
     * Measures over all tokens of the captions, each different caption once; a dimension that never varies gets deviation 1.
     *
     * @throws IllegalArgumentException where there is no caption
     */
    public static TextStatistics measure(FrozenTextEncoder encoder, Collection<String> captions) {
        List<String> distinct = List.copyOf(new LinkedHashSet<>(captions));
        if (distinct.isEmpty()) {
            throw new IllegalArgumentException("text statistics: expected at least one caption, got none");
        }
        int width = encoder.width();
        double[] mean = new double[width];
        double[] squares = new double[width]; // sum of squared distances from the running mean, Welford 1962
        long count = 0;
        for (int from = 0; from < distinct.size(); from += PROMPTS_AT_ONCE) {
            int to = Math.min(from + PROMPTS_AT_ONCE, distinct.size());
            for (float[] states : encoder.states(distinct.subList(from, to))) {
                for (int row = 0; row < states.length; row += width) {
                    count++;
                    for (int j = 0; j < width; j++) {
                        double distance = states[row + j] - mean[j];
                        mean[j] += distance / count;
                        squares[j] += distance * (states[row + j] - mean[j]);
                    }
                }
            }
        }
        return of(encoder.name(), mean, squares, count);
    }

    private static TextStatistics of(String encoder, double[] mean, double[] squares, long count) {
        float[] means = new float[mean.length];
        float[] deviations = new float[mean.length];
        for (int j = 0; j < means.length; j++) {
            means[j] = (float) mean[j];
            float deviation = (float) Math.sqrt(squares[j] / count);
            deviations[j] = deviation > 0 ? deviation : 1f;
        }
        return new TextStatistics(encoder, means, deviations);
    }

    /** Name of the encoder they were measured on. */
    public String encoder() {
        return encoder;
    }

    /** A copy of the means. */
    public float[] mean() {
        return mean.clone();
    }

    /** A copy of the standard deviations. */
    public float[] deviation() {
        return deviation.clone();
    }

    /**
     * <pre>y = (x − mean) / deviation</pre>
     *
     * @param states (T, width), row-major
     */
    public float[] standardize(float[] states) {
        float[] y = new float[states.length];
        for (int i = 0; i < y.length; i++) {
            int j = i % mean.length;
            y[i] = (states[i] - mean[j]) / deviation[j];
        }
        return y;
    }

    /**
     * Writes them as safetensors, whole or not at all.
     *
     * @throws mezzotint.io.FileWriteException where the file system refuses
     */
    public void write(Path file) {
        new SafeTensorsWriter(Map.of("text_encoder", encoder))
                .add("mean", DType.F32, Shape.of(mean.length), mean)
                .add("deviation", DType.F32, Shape.of(deviation.length), deviation)
                .write(file);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws mezzotint.io.FileReadException where the file is missing
     * @throws mezzotint.io.MissingTensorException where it holds something else
     */
    public static TextStatistics read(Path file) {
        try (SafeTensors tensors = SafeTensors.open(file)) {
            return new TextStatistics(
                    tensors.metadata().getOrDefault("text_encoder", "an unnamed encoder"),
                    tensors.get("mean").toFloats(),
                    tensors.get("deviation").toFloats());
        }
    }
}
