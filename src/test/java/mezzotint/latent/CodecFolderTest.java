package mezzotint.latent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import mezzotint.autograd.Parameter;
import mezzotint.io.FileReadException;
import mezzotint.io.Json;
import mezzotint.io.PickledWeightsException;
import mezzotint.nn.Parameters;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CodecFolderTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final TestDevice DEVICE = new TestDevice();

    @TempDir
    Path scratch;

    private static void write(Path folder, ImageCodec codec, DType dtype) {
        if (codec instanceof AutoencoderKl kl) {
            CodecFolder.write(folder, kl, dtype);
        } else {
            CodecFolder.write(folder, (AutoencoderDc) codec, dtype);
        }
    }

    private static Parameters parameters(ImageCodec codec) {
        return codec instanceof AutoencoderKl kl ? kl.parameters() : ((AutoencoderDc) codec).parameters();
    }

    private static Object config(ImageCodec codec) {
        return codec instanceof AutoencoderKl kl ? kl.config() : ((AutoencoderDc) codec).config();
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenIsRead(TinyCodecs tiny) {
        try (Tensors tensors = new Tensors()) {
            ImageCodec codec = tiny.make(tensors.arena());
            for (DType dtype : new DType[] {DType.F32, DType.BF16}) {
                Path folder = scratch.resolve(dtype.name());
                write(folder, codec, dtype);
                try (CodecFolder stored = CodecFolder.open(folder);
                        TensorArena weights = DEVICE.arena(stored.weightBytes())) {
                    ImageCodec again = stored.load(weights);
                    assertEquals(config(codec), config(again));
                    for (Parameter p : parameters(again).all()) {
                        float[] expected = parameters(codec).get(p.name()).value().toFloats();
                        for (int i = 0; dtype == DType.BF16 && i < expected.length; i++) {
                            expected[i] = BFloat16.toFloat(BFloat16.fromFloat(expected[i]));
                        }
                        assertArrayEquals(expected, p.value().toFloats(), p.name());
                        assertTrue(!p.isTrainable());
                    }
                }
            }
        }
    }

    @Test
    void readsBothClasses() {
        for (String name : new String[] {"vae_kl", "vae_dc"}) {
            try (CodecFolder stored = CodecFolder.open(GOLDEN.resolve(name).resolve("vae"));
                    TensorArena weights = DEVICE.arena(stored.weightBytes())) {
                ImageCodec codec = stored.load(weights);
                assertEquals(name.equals("vae_kl") ? AutoencoderKl.class : AutoencoderDc.class, codec.getClass());
                assertEquals(name.equals("vae_kl") ? 8 : 4, codec.ratio());
                assertEquals(weights.capacity(), weights.used());
            }
        }
    }

    private Path copyOfKl() throws IOException {
        for (String file : new String[] {"config.json", "diffusion_pytorch_model.safetensors"}) {
            Files.copy(GOLDEN.resolve("vae_kl/vae").resolve(file), scratch.resolve(file));
        }
        return scratch;
    }

    private static void set(Path folder, String key, String value) {
        ObjectNode json = (ObjectNode) Json.readObject(folder.resolve("config.json"));
        json.put(key, value);
        Json.write(folder.resolve("config.json"), json);
    }

    @Test
    void namesTheFileWhoseConfigurationDoesNotFit() throws IOException {
        Path folder = copyOfKl();
        set(folder, "act_fn", "mish");
        assertEquals(
                folder.resolve("config.json") + ": act_fn expected one of [silu], got \"mish\"",
                assertThrows(InvalidCodecConfigException.class, () -> CodecFolder.open(folder))
                        .getMessage());
        set(folder, "_class_name", "AutoencoderTiny");
        assertEquals(
                folder.resolve("config.json")
                        + ": _class_name expected AutoencoderKL or AutoencoderDC, got \"AutoencoderTiny\"",
                assertThrows(InvalidCodecConfigException.class, () -> CodecFolder.open(folder))
                        .getMessage());
        Json.write(folder.resolve("config.json"), java.util.Map.of());
        assertEquals(
                folder.resolve("config.json") + ": _class_name expected AutoencoderKL or AutoencoderDC, got nothing",
                assertThrows(InvalidCodecConfigException.class, () -> CodecFolder.open(folder))
                        .getMessage());
    }

    @Test
    void refusesTheWeightsOfAnother() throws IOException {
        Path folder = copyOfKl();
        ObjectNode json = (ObjectNode) Json.readObject(folder.resolve("config.json"));
        json.put("latent_channels", 5);
        json.put("use_quant_conv", true);
        Json.write(folder.resolve("config.json"), json);
        try (CodecFolder stored = CodecFolder.open(folder);
                Tensors tensors = new Tensors()) {
            String message = assertThrows(ShapeMismatchException.class, () -> stored.load(tensors.arena()))
                    .getMessage();
            assertTrue(
                    message.endsWith(" does not fit the model in 5 of 186 tensors: encoder.conv_out.weight expected"
                            + " (10, 16, 3, 3), got (8, 16, 3, 3); encoder.conv_out.bias expected (10), got (8);"
                            + " missing quant_conv.weight(10, 10, 1, 1); …"),
                    message);
        }
    }

    @Test
    void refusesFoldersWithoutWeights() throws IOException {
        Path folder = copyOfKl();
        Files.delete(folder.resolve("diffusion_pytorch_model.safetensors"));
        assertThrows(FileReadException.class, () -> CodecFolder.open(folder));
        Files.createFile(folder.resolve("diffusion_pytorch_model.bin"));
        assertThrows(PickledWeightsException.class, () -> CodecFolder.open(folder));
        assertThrows(FileReadException.class, () -> CodecFolder.open(folder.resolve("none")));
    }
}
