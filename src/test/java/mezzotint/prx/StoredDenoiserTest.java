package mezzotint.prx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.io.ShardedWriter;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.prx.StoredDenoiser.Residency;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Devices;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights read where their file is mapped give the bits that the same weights give when copied. */
class StoredDenoiserTest {
    private static final Path PIXEL = Path.of("src/test/resources/golden/transformer_pixel/transformer");

    @TempDir
    Path scratch;

    private static float[] output(Device device, PrxDenoiser denoiser) {
        PrxConfig config = denoiser.config();
        int side = 3 * config.patchSize();
        try (TensorArena arena = device.arena(64 << 20);
                Tape tape = Tape.inference(device.kernels(), arena)) {
            PrxText text = denoiser.text(
                    tape, tape.constant(Tensors.normals(1, 2 * 5 * config.contextDim()), 2, 5, config.contextDim()));
            return denoiser.forward(
                            tape,
                            tape.constant(Tensors.normals(2, 2 * 3 * side * side), 2, 3, side, side),
                            tape.constant(new float[] {0.3f, 0.8f}, 2),
                            text)
                    .toFloats();
        }
    }

    /** What the same numbers give as float32 in an arena. */
    private static float[] copied(Device device, Path folder) {
        try (WeightsFolder stored = WeightsFolder.open(folder);
                TensorArena arena = device.arena(64 << 20)) {
            Parameters parameters = Parameters.frozen(arena);
            PrxDenoiser denoiser = new PrxDenoiser(PrxConfigJson.read(stored.config()), parameters);
            parameters.load(new CheckpointNames(new StoredTensors(stored.weights())));
            return output(device, denoiser);
        }
    }

    /** The golden weights in another type, behind {@code shift} bytes that no alignment survives. */
    private Path converted(DType dtype, int shift) throws IOException {
        Path folder = Files.createTempDirectory(scratch, "weights");
        Files.copy(PIXEL.resolve("config.json"), folder.resolve("config.json"));
        try (WeightsFolder stored = WeightsFolder.open(PIXEL)) {
            SafeTensorsWriter writer = new SafeTensorsWriter();
            if (shift > 0) {
                writer.addStreamed("a", DType.U8, Shape.of(shift), out -> out.write(new byte[shift]));
            }
            stored.weights().tensors().forEach(t -> writer.add("denoiser." + t.name(), dtype, t.shape(), t.toFloats()));
            writer.write(folder.resolve("model.safetensors"));
        }
        return folder;
    }

    @Test
    void givesTheSameBitsInEveryTypeAtAnyAlignment() throws IOException {
        try (Device device = CpuDevice.open()) {
            for (DType dtype : new DType[] {DType.F32, DType.BF16, DType.F16}) {
                for (int shift : new int[] {0, 1, 3}) {
                    Path folder = converted(dtype, shift);
                    float[] expected = copied(device, folder);
                    for (Residency residency : Residency.values()) {
                        try (StoredDenoiser stored = StoredDenoiser.open(device, folder, residency)) {
                            String message = dtype + ", shifted by " + shift + ", " + residency;
                            assertArrayEquals(expected, output(device, stored.denoiser()), message);
                            assertArrayEquals(expected, output(device, stored.denoiser()), message + ", again");
                        }
                    }
                }
            }
        }
    }

    @Test
    void copiesNothingButNarrowVectors() throws IOException {
        try (Device device = CpuDevice.open();
                WeightsFolder wide = WeightsFolder.open(PIXEL);
                WeightsFolder narrow = WeightsFolder.open(converted(DType.BF16, 0))) {
            assertEquals(0, Parameters.copiedBytes(device, new StoredTensors(wide.weights())));
            long vectors = narrow.weights().tensors().stream()
                    .filter(t -> t.shape().rank() == 1)
                    .mapToLong(t -> (t.shape().elements() * 4 + 63) / 64 * 64)
                    .sum();
            assertEquals(vectors, Parameters.copiedBytes(device, new StoredTensors(narrow.weights())));
        }
    }

    @Test
    void mappedWeightsLieInTheFileAndAreReadOnly() {
        try (Device device = CpuDevice.open();
                WeightsFolder folder = WeightsFolder.open(PIXEL);
                TensorArena none = device.arena(64)) {
            Parameters parameters = Parameters.mapped(device, none);
            new PrxDenoiser(PrxConfigJson.read(folder.config()), parameters);
            Parameter weight = parameters.get("txt_in.weight");
            assertThrows(IllegalStateException.class, weight::value);
            parameters.load(new StoredTensors(folder.weights()));
            SafeTensor stored = folder.weights().get("txt_in.weight");
            assertEquals(stored.data().address(), weight.value().address());
            assertArrayEquals(stored.toFloats(), weight.value().toFloats());
            assertThrows(
                    UnsupportedOperationException.class, () -> weight.value().zero());
            assertEquals(0, none.used());
        }
    }

    /** A device that maps nothing gets a copy, as float32, which every kernel takes. */
    @Test
    void runsOnADeviceWithAMemoryOfItsOwn() throws IOException {
        Path folder = converted(DType.BF16, 0);
        TestDevice device = new TestDevice(Devices.one().kernels());
        float[] expected = copied(device, folder);
        try (StoredDenoiser stored = StoredDenoiser.open(device, folder, Residency.STREAMED)) {
            assertArrayEquals(expected, output(device, stored.denoiser()));
        }
    }

    @Test
    void namesWhatDoesNotFit() throws IOException {
        assertProblem("missing txt_in.bias", weights -> weights.remove("txt_in.bias"));
        assertProblem("unknown txt_in.scale", weights -> weights.put("txt_in.scale", Shape.of(3)));
        assertProblem("txt_in.bias expected (64), got (63)", weights -> weights.put("txt_in.bias", Shape.of(63)));
    }

    private void assertProblem(String problem, Consumer<Map<String, Shape>> change) throws IOException {
        Path folder = Files.createTempDirectory(scratch, "weights");
        Files.copy(PIXEL.resolve("config.json"), folder.resolve("config.json"));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        try (WeightsFolder stored = WeightsFolder.open(PIXEL)) {
            stored.weights().tensors().forEach(t -> shapes.put(t.name(), t.shape()));
        }
        change.accept(shapes);
        ShardedWriter writer = new ShardedWriter("model", 20_000);
        shapes.forEach((name, shape) ->
                writer.add(name, DType.F32, shape, out -> out.write(new byte[4 * (int) shape.elements()])));
        writer.write(folder);
        try (Device device = CpuDevice.open()) {
            var thrown = assertThrows(
                    ShapeMismatchException.class, () -> StoredDenoiser.open(device, folder, Residency.RESIDENT));
            assertTrue(thrown.getMessage().startsWith(folder.toString()), thrown::getMessage);
            assertTrue(thrown.getMessage().contains(problem), thrown::getMessage);
        }
    }

    @Test
    void randomWeightsAreThoseOfAnyPresetInOneFileOrSeveral() {
        Path one = scratch.resolve("one");
        Path several = scratch.resolve("several");
        RandomWeights.write(one, PrxConfig.CPU_NANO, DType.BF16, 3, ShardedWriter.USUAL_BYTES);
        RandomWeights.write(several, PrxConfig.CPU_NANO, DType.BF16, 3, 100_000);
        try (Device device = CpuDevice.open();
                WeightsFolder stored = WeightsFolder.open(one);
                StoredDenoiser a = StoredDenoiser.open(device, one, Residency.RESIDENT);
                StoredDenoiser b = StoredDenoiser.open(device, several, Residency.STREAMED)) {
            assertTrue(Files.exists(several.resolve("diffusion_pytorch_model.safetensors.index.json")));
            assertEquals(PrxConfig.CPU_NANO, a.denoiser().config());
            assertEquals(2 * PrxConfig.CPU_NANO.parameterCount(), a.weightBytes());
            assertTrue(a.streamedBytes() < a.weightBytes());
            float[] output = output(device, a.denoiser());
            assertArrayEquals(output, output(device, b.denoiser()));
            double sum = 0;
            for (float value : output) {
                sum += Math.abs(value);
            }
            assertTrue(sum > 0 && sum < Double.POSITIVE_INFINITY, "output " + sum);
            for (SafeTensor tensor : stored.weights().tensors()) {
                if (tensor.shape().rank() == 2) {
                    assertSpread(tensor);
                }
            }
        }
    }

    /** Uniform in ±1/√in: the mean square is a third of that squared. */
    private static void assertSpread(SafeTensor tensor) {
        double squares = 0;
        for (float value : tensor.toFloats()) {
            squares += (double) value * value;
        }
        double expected = 1.0 / (3 * tensor.shape().dim(1));
        assertEquals(
                expected, squares / tensor.shape().elements(), 0.1 * expected, tensor.name()); // 768 numbers or more
    }

    /** Numbers of 16 bits are exact in float32, so a product of them is that of the widened ones, bit for bit. */
    @Test
    void productsReadHalfPrecision() {
        for (int rows : new int[] {1, 3, 20, 100}) {
            try (Device device = CpuDevice.open();
                    TensorArena arena = device.arena(16 << 20)) {
                float[] values = Tensors.normals(4, 70 * 50);
                short[] half = new short[values.length];
                short[] brain = new short[values.length];
                for (int i = 0; i < half.length; i++) {
                    half[i] = Float.floatToFloat16(values[i]);
                    brain[i] = BFloat16.fromFloat(values[i]);
                }
                for (DType dtype : new DType[] {DType.F16, DType.BF16}) {
                    var b = arena.allocate(Shape.of(70, 50), dtype)
                            .write(java.lang.foreign.MemorySegment.ofArray(dtype == DType.F16 ? half : brain));
                    var wide = arena.allocate(70, 50).set(b.toFloats());
                    var a = arena.allocate(rows, 50).set(Tensors.normals(5, rows * 50));
                    var c = arena.allocate(rows, 70);
                    var d = arena.allocate(rows, 70);
                    device.kernels().matmul().multiply(c, a, b, null, false, true, false);
                    device.kernels().matmul().multiply(d, a, wide, null, false, true, false);
                    RelativeError.assertRelativeError(c.toFloats(), Tensors.doubles(d.toFloats()), 0);
                }
            }
        }
    }
}
