package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Map;
import mezzotint.image.ImageNormalization;
import mezzotint.image.Interpolation;
import mezzotint.image.PicturePreparation;
import mezzotint.image.PlanarImage;
import mezzotint.image.ResampleTaps;
import mezzotint.image.Resampling;
import mezzotint.image.RgbImage;
import mezzotint.io.SafeTensor;
import mezzotint.kernel.Device;
import mezzotint.tensor.Shape;

/** Resizing: PyTorch's, Pillow's, and what the pipelines and the training data make of them. */
final class ImageChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of("image_resize", ImageChecks::resize);

    private static final Map<String, Interpolation> MODES = Map.of(
            "nearest", Interpolation.NEAREST,
            "bilinear", Interpolation.BILINEAR,
            "bicubic", Interpolation.BICUBIC,
            "bilinear_antialias", Interpolation.BILINEAR_ANTIALIASED,
            "bicubic_antialias", Interpolation.BICUBIC_ANTIALIASED);

    private static final int CLIP_SIDE = 28;

    private ImageChecks() {}

    private static void resize(GoldenCase golden, Device device) {
        for (JsonNode row : golden.json().path("rows")) {
            int index = row.path("index").intValue();
            switch (row.path("kind").asText()) {
                case "resize_and_crop" -> crop(golden, "crop." + index);
                case "interpolate" -> interpolate(golden, "resize." + index);
                case "scale_factor" ->
                    scale(golden, "scale." + index, row.path("factor").doubleValue());
                case "pil" -> pillow(golden, "pil." + index);
                case "ArAwareResize" -> bucket(golden, "bucket." + index);
                default -> golden.compare(row.toString() + ", which is not known", Double.NaN, 0, 0);
            }
        }
    }

    private static void crop(GoldenCase golden, String prefix) {
        Shape out = golden.tensor(prefix + ".out").shape();
        compare(golden, prefix + ".out", planes(golden, prefix + ".in").resizedAndCropped(out.size(2), out.size(3)));
    }

    private static void interpolate(GoldenCase golden, String prefix) {
        MODES.forEach((name, mode) -> {
            String output = prefix + "." + name;
            Shape out = golden.tensor(output).shape();
            compare(golden, output, planes(golden, prefix + ".in").resized(out.size(2), out.size(3), mode));
        });
    }

    private static void scale(GoldenCase golden, String prefix, double factor) {
        PlanarImage in = planes(golden, prefix + ".in");
        for (String name : new String[] {"nearest", "bilinear"}) {
            compare(
                    golden,
                    prefix + "." + name,
                    in.resized(
                            ResampleTaps.byFactor(MODES.get(name), in.height(), factor),
                            ResampleTaps.byFactor(MODES.get(name), in.width(), factor)));
        }
    }

    /** Bytes are compared exactly: Pillow computes in integers. */
    private static void pillow(GoldenCase golden, String prefix) {
        SafeTensor in = golden.tensor(prefix + ".in");
        RgbImage picture = RgbImage.of(in.shape().size(1), in.shape().size(0), bytes(in));
        for (Resampling filter : new Resampling[] {Resampling.BILINEAR, Resampling.BICUBIC, Resampling.LANCZOS}) {
            for (String size : new String[] {"16x20", "70x64"}) {
                String name = prefix + "." + filter.name().toLowerCase(Locale.ROOT) + "." + size;
                Shape out = golden.tensor(name).shape();
                golden.compare(name, numbers(picture.resized(out.size(1), out.size(0), filter)), 0);
            }
        }
        compare(
                golden,
                prefix + ".clip_28",
                PicturePreparation.SHORTER_SIDE_THEN_CROP.apply(picture, CLIP_SIDE, ImageNormalization.CLIP));
    }

    private static void bucket(GoldenCase golden, String prefix) {
        PlanarImage in = planes(golden, prefix + ".in");
        float[] values = in.values();
        for (int i = 0; i < values.length; i++) {
            values[i] /= 255f;
        }
        Shape out = golden.tensor(prefix + ".out").shape();
        compare(golden, prefix + ".out", in.resized(out.size(1), out.size(2), Interpolation.BILINEAR_ANTIALIASED));
        compare(
                golden,
                prefix + ".grey_out",
                in.planes(0, 1).resized(out.size(1), out.size(2), Interpolation.BILINEAR));
    }

    private static void compare(GoldenCase golden, String name, PlanarImage actual) {
        double tolerance = golden.tolerance("float tensors", 1e-5);
        golden.compare(name, actual.values(), tolerance);
    }

    /** All axes but the last two are planes. */
    private static PlanarImage planes(GoldenCase golden, String name) {
        SafeTensor tensor = golden.tensor(name);
        Shape shape = tensor.shape();
        int height = shape.size(shape.rank() - 2);
        int width = shape.size(shape.rank() - 1);
        float[] values = tensor.toFloats();
        return new PlanarImage(values.length / (height * width), height, width, values);
    }

    private static byte[] bytes(SafeTensor tensor) {
        float[] values = tensor.toFloats();
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (int) values[i];
        }
        return bytes;
    }

    private static float[] numbers(RgbImage picture) {
        byte[] bytes = picture.toBytes();
        float[] numbers = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            numbers[i] = bytes[i] & 0xff;
        }
        return numbers;
    }
}
