package mezzotint.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import mezzotint.autograd.Tape;
import mezzotint.image.RgbImage;
import mezzotint.io.FolderManifest;
import mezzotint.kernel.Device;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.vision.VisionEncoder;
import mezzotint.vision.VisionEncoders;

/**
 * The pooled features of a frozen vision encoder, with the preparation of pictures that its published scores were made with.
 *
 * <p>Pictures go through the network one by one, so that a picture's features do not depend on its company.
 */
public final class EncoderFeatures implements FeatureExtractor, AutoCloseable {
    private static final long ACTIVATION_BYTES =
            2L << 30; // of one picture; pages that are not used cost nothing on a CPU

    private final Device device;
    private final TensorArena weights;
    private final TensorArena activations;
    private final VisionEncoder encoder;
    private final String conventions;

    private EncoderFeatures(Device device, Path folder, TensorArena weights) {
        this.device = device;
        this.weights = weights;
        encoder = VisionEncoders.open(folder, weights);
        activations = device.arena(ACTIVATION_BYTES);
        conventions = "%s sha256:%s, pooled %d; picture %s to %d px, mean %s, deviation %s, float32 on %s"
                .formatted(
                        encoder,
                        hash(folder),
                        encoder.pooledWidth(),
                        encoder.preparation(),
                        encoder.trainedSide(),
                        encoder.normalization().mean(),
                        encoder.normalization().deviation(),
                        device.toString().replaceFirst(" \\d+ threads?,", "")); // which the result does not depend on
    }

    /**
     * Opens an encoder.
     *
     * @param folder as {@link VisionEncoders#open} wants it
     */
    public static EncoderFeatures open(Device device, Path folder) {
        TensorArena weights = device.arena(VisionEncoders.weightBytes(folder));
        try {
            return new EncoderFeatures(device, folder, weights);
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    /** One hash for all files of a folder that say what a network is. */
    private static String hash(Path folder) {
        MessageDigest digest = FolderManifest.digest();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(EncoderFeatures::decides).sorted().toList()) {
                String line = file.getFileName() + " " + FolderManifest.sha256(file) + "\n";
                digest.update(line.getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("vision encoder " + folder + " cannot be listed", e);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static boolean decides(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".json") || name.endsWith(".safetensors");
    }

    /** The encoder. */
    public VisionEncoder encoder() {
        return encoder;
    }

    @Override
    public String conventions() {
        return conventions;
    }

    @Override
    public int width() {
        return encoder.pooledWidth();
    }

    @Override
    public Features features(List<RgbImage> pictures) {
        int side = encoder.trainedSide();
        float[] values = new float[Math.multiplyExact(pictures.size(), width())];
        for (int i = 0; i < pictures.size(); i++) {
            float[] seen = encoder.preparation()
                    .apply(pictures.get(i), side, encoder.normalization())
                    .values();
            try (Tape tape = Tape.inference(device.kernels(), activations)) {
                Tensor pooled = encoder.features(tape, tape.constant(seen, 1, 3, side, side))
                        .pooled();
                System.arraycopy(pooled.toFloats(), 0, values, i * width(), width());
            }
        }
        return new Features(pictures.size(), width(), values);
    }

    /** Frees the memory. */
    @Override
    public void close() {
        activations.close();
        weights.close();
    }
}
