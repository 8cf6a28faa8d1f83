package mezzotint.sampling;

import java.util.ArrayList;
import java.util.List;
import mezzotint.image.ImageSize;
import mezzotint.image.RgbImage;

/**
 * Pictures before they are rounded to eight bits.
 *
 * @param size of each
 * @param values (B, height, width, 3) in [0, 1], row-major
 */
public record DrawnPictures(ImageSize size, float[] values) {
    /** Number of pictures. */
    public int count() {
        return values.length / elements();
    }

    private int elements() {
        return 3 * size.height() * size.width();
    }

    /**
     * <pre>byte = 255 · value, rounded, halves to even</pre>
     *
     * @throws IllegalArgumentException where a value is NaN
     */
    public List<RgbImage> rounded() {
        List<RgbImage> pictures = new ArrayList<>();
        for (int b = 0; b < count(); b++) {
            byte[] rgb = new byte[elements()];
            for (int i = 0; i < rgb.length; i++) {
                float value = values[b * rgb.length + i];
                if (Float.isNaN(value)) {
                    throw new IllegalArgumentException("picture %d holds NaN: the model has diverged".formatted(b));
                }
                rgb[i] = (byte) (int) Math.rint(255f * value);
            }
            pictures.add(RgbImage.of(size.width(), size.height(), rgb));
        }
        return pictures;
    }

    /**
     * Pictures from planes in about [−1, 1], which are clamped.
     *
     * @param planes (B, 3, height, width)
     * @param precision that the halving is rounded to
     */
    static DrawnPictures ofSigned(ImageSize size, float[] planes, Precision precision) {
        int plane = size.height() * size.width();
        float[] halved = new float[planes.length];
        for (int i = 0; i < halved.length; i++) {
            halved[i] = planes[i] * 0.5f;
        }
        precision.round(halved);
        for (int i = 0; i < halved.length; i++) {
            halved[i] = Math.clamp(halved[i] + 0.5f, 0f, 1f);
        }
        precision.round(halved);
        float[] values = new float[planes.length];
        for (int i = 0; i < values.length; i++) {
            values[(i / (3 * plane) * plane + i % plane) * 3 + i / plane % 3] = halved[i];
        }
        return new DrawnPictures(size, values);
    }

    /** The same with the pixels that a mask keeps taken from the picture that was given. */
    DrawnPictures withKept(StartPicture start) {
        if (start.drawn().isEmpty()) {
            return this;
        }
        float[] drawn = start.drawn().get();
        float[] mixed = values.clone();
        byte[] kept = start.picture().toBytes();
        for (int i = 0; i < mixed.length; i++) {
            if (drawn[i / 3 % drawn.length] == 0) {
                mixed[i] = (kept[i % kept.length] & 0xff) / 255f;
            }
        }
        return new DrawnPictures(size, mixed);
    }
}
