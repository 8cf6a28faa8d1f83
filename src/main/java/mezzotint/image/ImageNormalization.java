package mezzotint.image;

import java.util.List;

/**
 * What a network was trained to see: pixels in [0, 1], shifted and scaled channel by channel.
 *
 * <pre>y_c = (x_c − mean_c) / deviation_c</pre>
 *
 * @param mean red, green and blue
 * @param deviation red, green and blue, > 0
 */
public record ImageNormalization(List<Float> mean, List<Float> deviation) {
    /** Mean and deviation of ImageNet's photographs: DINO, VGG. */
    public static final ImageNormalization IMAGENET =
            new ImageNormalization(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

    /** Those of CLIP's pictures. */
    public static final ImageNormalization CLIP = new ImageNormalization(
            List.of(0.48145466f, 0.4578275f, 0.40821073f), List.of(0.26862954f, 0.26130258f, 0.27577711f));

    /** <pre>y = (255 x − 128) / 128</pre> FID's Inception. */
    public static final ImageNormalization FID = grey(128f / 255, 128f / 255);

    /** Pixels as they are. */
    public static final ImageNormalization NONE = new ImageNormalization(List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));

    /** <pre>y = 2 x − 1</pre> pixels in [−1, 1]: PRX. */
    public static final ImageNormalization SIGNED = grey(0.5f, 0.5f);

    /** Checks the lists. */
    public ImageNormalization {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (mean.size() != 3 || deviation.size() != 3 || deviation.stream().anyMatch(d -> !(d > 0))) {
            throw new IllegalArgumentException(
                    "three means and three deviations above 0 expected, got %s and %s".formatted(mean, deviation));
        }
    }

    private static ImageNormalization grey(float mean, float deviation) {
        return new ImageNormalization(List.of(mean, mean, mean), List.of(deviation, deviation, deviation));
    }

    /**
     * Normalises pictures.
     *
     * @param image planes red, green, blue, again and again
     * @throws IllegalArgumentException if the number of planes is no multiple of 3
     */
    public PlanarImage apply(PlanarImage image) {
        if (image.planes() % 3 != 0) {
            throw new IllegalArgumentException(
                    "planes come in threes, red, green and blue; got %d".formatted(image.planes()));
        }
        int plane = image.height() * image.width();
        float[] y = new float[image.values().length];
        for (int i = 0; i < y.length; i++) {
            int c = i / plane % 3;
            y[i] = (image.values()[i] - mean.get(c)) / deviation.get(c);
        }
        return new PlanarImage(image.planes(), image.height(), image.width(), y);
    }
}
