package mezzotint.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import mezzotint.autograd.Tape;
import mezzotint.image.ImageNormalization;
import mezzotint.image.PlanarImage;
import mezzotint.io.Json;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VisionEncodersTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final long BYTES = 64L << 20;

    @TempDir
    Path scratch;

    private final Device device = CpuDevice.open();
    private final TensorArena weights = device.arena(BYTES);
    private final TensorArena activations = device.arena(BYTES);
    private final TensorArena gradients = device.arena(BYTES);

    @AfterEach
    void close() {
        weights.close();
        activations.close();
        gradients.close();
        device.close();
    }

    private VisionEncoder open(String name) {
        return VisionEncoders.open(GOLDEN.resolve(name).resolve("encoder"), weights);
    }

    private Tape recording() {
        return Tape.recording(device.kernels(), activations, gradients);
    }

    private static float[] pixels(int count) {
        Random random = new Random(1);
        float[] pixels = new float[count];
        for (int i = 0; i < count; i++) {
            pixels[i] = random.nextFloat();
        }
        return pixels;
    }

    @Test
    void encodesPixelsThatItNormalisesItself() {
        VisionEncoder encoder = open("vision_dinov3");
        float[] pixels = pixels(2 * 3 * 32 * 48);
        float[] normalized = ImageNormalization.IMAGENET
                .apply(new PlanarImage(6, 32, 48, pixels))
                .values();
        float[] expected;
        float[] slope;
        try (Tape tape = recording()) {
            Tensor x = tape.watch(tape.constant(normalized, 2, 3, 32, 48));
            Tensor patches = encoder.features(tape, x).patches(tape);
            assertEquals(Shape.of(2, 6, encoder.width()), patches.shape());
            expected = patches.toFloats();
            tape.backward(patches, tape.constant(pixels((int) patches.shape().elements()), 2, 6, encoder.width()));
            slope = tape.gradient(x).toFloats();
        }
        try (Tape tape = recording()) {
            Tensor x = tape.watch(tape.constant(pixels, 2, 3, 32, 48));
            Tensor patches = encoder.encode(tape, x).patches(tape);
            assertArrayEquals(expected, patches.toFloats(), 1e-4f); // numbers up to 3 after three blocks of float32
            tape.backward(patches, tape.constant(pixels((int) patches.shape().elements()), 2, 6, encoder.width()));
            float[] chained = tape.gradient(x).toFloats();
            for (int i = 0; i < slope.length; i++) {
                float deviation = encoder.normalization().deviation().get(i / (32 * 48) % 3);
                assertEquals(slope[i] / deviation, chained[i], 1e-3 * (1 + Math.abs(chained[i])));
            }
        }
    }

    @Test
    void patchesAreTheLastTokens() {
        VisionEncoder encoder = open("vision_dinov2_reg");
        try (Tape tape = Tape.inference(device.kernels(), activations)) {
            VisionFeatures features = encoder.encode(tape, tape.constant(pixels(3 * 28 * 42), 1, 3, 28, 42));
            assertEquals(5, features.leading());
            float[] tokens = features.tokens().toFloats();
            float[] patches = features.patches(tape).toFloats();
            int width = encoder.width();
            assertArrayEquals(java.util.Arrays.copyOfRange(tokens, 5 * width, tokens.length), patches);
            assertArrayEquals(
                    java.util.Arrays.copyOf(tokens, width), features.pooled().toFloats());
        }
    }

    /** Beside pixels, patches and tokens lies one block's room instead of three. */
    @Test
    void forgetsActivationsWhenItDoesNotRecord() {
        VisionEncoder encoder = open("vision_dinov3");
        int elements = 8 * 3 * 64 * 64;
        try (Tape tape = Tape.inference(device.kernels(), activations)) {
            encoder.encode(tape, tape.constant(pixels(elements), 8, 3, 64, 64));
        }
        long forgetting = activations.peak();
        try (Tape tape = recording()) {
            encoder.encode(tape, tape.constant(pixels(elements), 8, 3, 64, 64));
        }
        assertTrue(forgetting < 3 * activations.peak() / 4, forgetting + " and " + activations.peak());
    }

    @Test
    void opensClipWithItsTextTower() throws IOException {
        Path folder = Files.createDirectory(scratch.resolve("clip"));
        Path source = GOLDEN.resolve("vision_clip/encoder");
        ObjectNode both = new JsonMapper().createObjectNode();
        both.put("model_type", "clip");
        both.put("projection_dim", 20);
        both.set("vision_config", Json.readObject(source.resolve("config.json")));
        Json.write(folder.resolve("config.json"), both);
        SafeTensorsWriter writer = copy(source.resolve("model.safetensors"), "");
        writer.add("logit_scale", DType.F32, Shape.of(), new float[] {1});
        writer.add("text_model.final_layer_norm.weight", DType.F32, Shape.of(2), new float[2]);
        writer.add("text_projection.weight", DType.F32, Shape.of(2, 2), new float[4]);
        writer.add("vision_model.embeddings.position_ids", DType.F32, Shape.of(1, 2), new float[2]);
        writer.write(folder.resolve("model.safetensors"));
        float[] pixels = pixels(3 * 42 * 42);
        try (Tape tape = Tape.inference(device.kernels(), activations)) {
            Tensor x = tape.constant(pixels, 1, 3, 42, 42);
            float[] alone = open("vision_clip").encode(tape, x).pooled().toFloats();
            VisionEncoder encoder = VisionEncoders.open(folder, weights);
            assertArrayEquals(alone, encoder.encode(tape, x).pooled().toFloats());
            assertEquals(alone.length, encoder.pooledWidth());
        }
    }

    @Test
    void refusesPicturesThatDoNotSuit() {
        VisionEncoder clip = open("vision_clip");
        VisionEncoder dino = open("vision_dinov2");
        try (Tape tape = Tape.inference(device.kernels(), activations)) {
            assertMessage(
                    "CLIP: pictures (1, 3, 56, 42), expected 42 rows and columns",
                    () -> clip.features(tape, tape.allocate(1, 3, 56, 42)));
            assertMessage(
                    "DINOv2: pictures (1, 1, 56, 56), expected (B, 3, height, width)",
                    () -> dino.features(tape, tape.allocate(1, 1, 56, 56)));
            assertMessage("multiples of the patch 14", () -> dino.features(tape, tape.allocate(1, 3, 50, 56)));
        }
    }

    @Test
    void refusesCheckpointsThatDoNotFit() throws IOException {
        Path folder = Files.createDirectory(scratch.resolve("dino"));
        Path source = GOLDEN.resolve("vision_dinov2/encoder");
        Files.copy(source.resolve("config.json"), folder.resolve("config.json"));
        copy(source.resolve("model.safetensors"), "layernorm.bias").write(folder.resolve("model.safetensors"));
        assertMessage("missing layernorm.bias", () -> VisionEncoders.open(folder, weights));
        copy(source.resolve("model.safetensors"), "")
                .add("classifier.weight", DType.F32, Shape.of(1), new float[1])
                .write(folder.resolve("model.safetensors"));
        assertMessage("unknown classifier.weight", () -> VisionEncoders.open(folder, weights));
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"resnet\"}");
        var unknown = assertThrows(InvalidVisionConfigException.class, () -> VisionEncoders.open(folder, weights));
        assertTrue(unknown.getMessage().contains("model_type, expected one of [dinov2,"), unknown.getMessage());
    }

    private static SafeTensorsWriter copy(Path file, String without) {
        SafeTensorsWriter writer = new SafeTensorsWriter();
        try (SafeTensors stored = SafeTensors.open(file)) {
            for (String name : stored.names()) {
                if (!name.equals(without)) {
                    writer.add(
                            name,
                            DType.F32,
                            stored.get(name).shape(),
                            stored.get(name).toFloats());
                }
            }
        }
        return writer;
    }

    private static void assertMessage(String part, org.junit.jupiter.api.function.Executable executable) {
        var e = assertThrows(ShapeMismatchException.class, executable);
        assertTrue(e.getMessage().contains(part), e.getMessage());
    }
}
