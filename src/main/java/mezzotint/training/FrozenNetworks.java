package mezzotint.training;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import mezzotint.data.EmojiFetch;
import mezzotint.data.EncoderFetch;
import mezzotint.io.SafeTensors;
import mezzotint.kernel.Device;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.tensor.TensorArena;
import mezzotint.training.technique.EncoderTeacher;
import mezzotint.training.technique.PrecomputedTeacher;
import mezzotint.training.technique.RememberingTeacher;
import mezzotint.training.technique.TeacherFeatures;
import mezzotint.vision.Lpips;
import mezzotint.vision.VisionEncoder;
import mezzotint.vision.VisionEncoders;

/** What the techniques of a run look through, opened from the places its settings name; never trained, never saved. */
final class FrozenNetworks implements AutoCloseable {
    private static final long SLACK = 64L << 20;

    // Floats of activations: VGG-16's maps of two pictures and their comparison, per pixel; a transformer's per token
    // and
    // per row of its matrices, which have about twelve times width² elements a layer.
    private static final long LPIPS_PER_PIXEL = 3000;
    private static final long ENCODER_PER_ROW = 3;

    private final Device device;
    private final List<Runnable> closing = new ArrayList<>();
    private Optional<TeacherFeatures> teacher = Optional.empty();
    private Optional<VisionEncoder> perceptual = Optional.empty();
    private Optional<Lpips> lpips = Optional.empty();
    private long activations;
    private long scratch;

    /**
     * Opens what is switched on.
     *
     * @param tokens L of a picture
     * @throws InvalidTrainingConfigException when a file that is named is not there
     */
    FrozenNetworks(Device device, TrainingConfig config, long tokens) {
        this.device = device;
        TechniqueSettings technique = config.technique();
        try {
            if (technique.repa().weight() > 0) {
                TeacherFeatures looked = teacher(technique.repa(), tokens);
                teacher = Optional.of(config.data().mirror() ? looked : new RememberingTeacher(looked));
            }
            if (technique.perceptualDino().weight() > 0) {
                perceptual(technique.perceptualDino(), config.run().batchSize());
            }
            if (technique.lpips().weight() > 0) {
                lpips(technique.lpips(), config);
            }
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private TeacherFeatures teacher(TechniqueSettings.Repa repa, long tokens) {
        if (!repa.features().isEmpty()) {
            return PrecomputedTeacher.of(stored("technique.repa.features", repa.features()));
        }
        VisionEncoder encoder = encoder("technique.repa.teacher", repa.teacher());
        scratch = Math.max(scratch, encoderFloats(repa.teacher(), encoder, tokens) * Float.BYTES + SLACK);
        return new EncoderTeacher(encoder);
    }

    private void perceptual(TechniqueSettings.PerceptualDino dino, int batch) {
        VisionEncoder encoder = encoder("technique.perceptual_dino.encoder", dino.encoder());
        long side = dino.cropSide() > 0 ? dino.cropSide() : dino.side();
        long tokens = (side / encoder.patch() + 1) * (side / encoder.patch() + 1);
        activations += 2 * batch * encoderFloats(dino.encoder(), encoder, tokens) * Float.BYTES;
        perceptual = Optional.of(encoder);
    }

    private void lpips(TechniqueSettings.Lpips settings, TrainingConfig config) {
        NamedTensors network = stored("technique.lpips.network", settings.network());
        long bytes = network.names().stream()
                .mapToLong(name -> network.shape(name).elements() * Float.BYTES + 64)
                .sum();
        lpips = Optional.of(new Lpips(network, Parameters.frozen(arena(bytes))));
        double side = settings.cropSide() > 0
                ? settings.cropSide()
                : config.data().imageSize() * Math.max(1, settings.resizeFactor());
        activations += (long) (config.run().batchSize() * side * side * LPIPS_PER_PIXEL * Float.BYTES);
    }

    private VisionEncoder encoder(String key, String folder) {
        Path path = located(key, folder);
        return VisionEncoders.open(path, arena(VisionEncoders.weightBytes(path)));
    }

    private static Path located(String key, String nameOrFolder) {
        return EncoderFetch.find(nameOrFolder, EmojiFetch.userCache())
                .orElseThrow(() -> new InvalidTrainingConfigException(
                        key,
                        "the folder of a vision encoder, or one of %s once it has been fetched with `mezzotint data fetch --encoder`"
                                .formatted(EncoderFetch.names()),
                        nameOrFolder));
    }

    private static long encoderFloats(String folder, VisionEncoder encoder, long tokens) {
        long elements = VisionEncoders.weightBytes(located("encoder", folder)) / Float.BYTES;
        long pixels = tokens * encoder.patch() * encoder.patch();
        return (tokens + 8) * ENCODER_PER_ROW * (elements / encoder.width()) + 300 * pixels;
    }

    private TensorArena arena(long bytes) {
        TensorArena arena = device.arena(bytes + (1L << 20));
        closing.add(arena::close);
        return arena;
    }

    private NamedTensors stored(String key, String file) {
        if (!Files.isRegularFile(Path.of(file))) {
            throw new InvalidTrainingConfigException(key, "a safetensors file", file);
        }
        SafeTensors tensors = SafeTensors.open(Path.of(file));
        closing.add(tensors::close);
        return new StoredTensors(tensors);
    }

    /** Where REPA's targets come from. */
    Optional<TeacherFeatures> teacher() {
        return teacher;
    }

    /** P-DINO's encoder. */
    Optional<VisionEncoder> perceptual() {
        return perceptual;
    }

    /** LPIPS's network. */
    Optional<Lpips> lpips() {
        return lpips;
    }

    /** Bytes that they add to a step's activations, and to their gradients, from above. */
    long activationBytes() {
        return activations;
    }

    /** Bytes that the teacher needs for a picture, from above. */
    long scratchBytes() {
        return scratch;
    }

    @Override
    public void close() {
        closing.reversed().forEach(Runnable::run);
        closing.clear();
    }
}
