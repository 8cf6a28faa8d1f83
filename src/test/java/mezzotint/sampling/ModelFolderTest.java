package mezzotint.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.image.RgbImage;
import mezzotint.io.Json;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
    private final TestDevice device = new TestDevice();
    private final TinyModel tiny = new TinyModel(device, Prediction.NOISE);
    private final TensorArena weights = device.arena(16 << 20);

    @TempDir
    Path folder;

    @AfterEach
    void free() {
        tiny.close();
        weights.close();
    }

    private Path written(DType dtype) {
        Path target = folder.resolve("model");
        ModelFolder.write(
                target,
                TinyModel.description(Prediction.NOISE),
                TinyModel.named(tiny.denoiser),
                TinyModel.named(tiny.text),
                dtype);
        return target;
    }

    private static ModelFolder read(Path path) {
        return ModelFolder.read(path, TinyModel::module);
    }

    private List<RgbImage> draw(TextToImage model) {
        try (TensorArena scratch = device.arena(16 << 20)) {
            return model.draw(
                    new SamplingRequest(
                            List.of("fox"), "", List.of(3L), 8, 8, 2, new TimeShift(1), new Guidance.None()),
                    scratch,
                    step -> {});
        }
    }

    @Test
    void comesBackAsItWas() {
        ModelFolder back = read(written(DType.F32));
        ModelDescription description = back.description();
        assertEquals(TinyModel.CONFIG, description.config());
        assertEquals(Prediction.NOISE, description.prediction());
        assertEquals(1.5f, description.noiseScale());
        assertEquals(new TimeShift(3), description.shift());
        assertEquals(16, description.imageSize());
        assertEquals("bytes", description.text().name());
        assertEquals("{\"kind\":\"tiny\"}", description.text().settings().toString());
        TextToImage model = back.load(device, weights);
        tiny.denoiser
                .all()
                .forEach(p -> assertArrayEquals(
                        p.value().toFloats(),
                        model.denoiser().parameters().get(p.name()).value().toFloats(),
                        p.name()));
        assertTrue(model.denoiser().parameters().trainable().isEmpty());
        assertEquals(draw(tiny.model), draw(model));
        assertTrue(weights.used() <= back.weightBytes());
    }

    @Test
    void halfTheSizeRoundsToBfloat16() throws IOException {
        long whole = Files.size(written(DType.F32).resolve("transformer/diffusion_pytorch_model.safetensors"));
        Path half = written(DType.BF16);
        assertTrue(Files.size(half.resolve("transformer/diffusion_pytorch_model.safetensors")) < 0.7 * whole);
        TextToImage model = read(half).load(device, weights);
        float[] expected = tiny.denoiser.get("txt_in.weight").value().toFloats();
        for (int i = 0; i < expected.length; i++) {
            expected[i] = BFloat16.toFloat(BFloat16.fromFloat(expected[i]));
        }
        assertArrayEquals(
                expected,
                model.denoiser().parameters().get("txt_in.weight").value().toFloats());
    }

    @Test
    void weightsOfAnotherModelAreNamed() {
        Path model = written(DType.F32);
        Map<String, Tensor> other = TinyModel.named(tiny.denoiser);
        other.remove("txt_in.bias");
        other.put("txt_in.weight", weights.zeros(Shape.of(2, 3), DType.F32));
        Path file = model.resolve("transformer/diffusion_pytorch_model.safetensors");
        ModelFolder.writeTensors(file, other, DType.F32);
        var e = assertThrows(ShapeMismatchException.class, () -> read(model).load(device, weights));
        assertEquals(
                file + " does not fit the model in 2 of 23 tensors: txt_in.weight expected (16, 8), got (2, 3);"
                        + " missing txt_in.bias(16)",
                e.getMessage());
    }

    @Test
    void aFolderThatIsNoModelIsRefused() throws IOException {
        var missing = assertThrows(ModelFormatException.class, () -> read(folder));
        assertEquals(folder + " is no model folder: it has no model_index.json", missing.getMessage());
        Path model = written(DType.F32);
        ObjectNode index = (ObjectNode) Json.readObject(model.resolve("model_index.json"));
        index.remove("mezzotint");
        Json.write(model.resolve("model_index.json"), index);
        var foreign = assertThrows(ModelFormatException.class, () -> read(model));
        assertEquals(
                model + ": model_index.json names no prediction; expected a model that this library has saved",
                foreign.getMessage());
        var resource = assertThrows(
                ModelFormatException.class, () -> ModelFolder.readResource("/no/such/model/", TinyModel::module));
        assertEquals("no model is on the class path at /no/such/model/model_index.json", resource.getMessage());
    }

    /** A tensor that cannot be written stands for a full disk: it fails when half of the files are there. */
    @Test
    void leavesNothingBehindWhenWritingFailsHalfWay() throws IOException {
        Map<String, Tensor> bad = Map.of("ids", weights.zeros(Shape.of(2), DType.I32));
        Path fresh = folder.resolve("fresh");
        assertThrows(
                ShapeMismatchException.class,
                () -> ModelFolder.write(
                        fresh,
                        TinyModel.description(Prediction.NOISE),
                        TinyModel.named(tiny.denoiser),
                        bad,
                        DType.F32));
        assertEquals(List.of(), entries());
        Path model = written(DType.F32);
        assertThrows(
                ShapeMismatchException.class,
                () -> ModelFolder.write(
                        model,
                        TinyModel.description(Prediction.VELOCITY),
                        TinyModel.named(tiny.denoiser),
                        bad,
                        DType.F32));
        assertEquals(List.of(model), entries());
        assertEquals(Prediction.NOISE, read(model).description().prediction());
        read(model).load(device, weights);
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.toList();
        }
    }
}
