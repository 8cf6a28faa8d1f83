package mezzotint.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import mezzotint.autograd.Tape;
import mezzotint.image.ImageNormalization;
import mezzotint.io.SafeTensors;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Slopes that no recorded case has: Inception's, and LPIPS' where it is delicate. */
class PixelGradientTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static final int SIDE = 123; // three by three tokens after mixed5, one pixel more than needed

    private final Device device = CpuDevice.open();
    private final TensorArena weights = device.arena(16L << 20);
    private final TensorArena activations = device.arena(256L << 20);
    private final TensorArena gradients = device.arena(256L << 20);

    @AfterEach
    void close() {
        weights.close();
        activations.close();
        gradients.close();
        device.close();
    }

    private static float[] uniform(long seed, int count) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    @Test
    void inceptionsGradientIsTheSlope() {
        try (SafeTensors file = SafeTensors.open(GOLDEN.resolve("vision_inception_fid/weights.safetensors"))) {
            for (InceptionCut cut : InceptionCut.values()) {
                Inception network =
                        new Inception(new StoredTensors(file), cut, ImageNormalization.FID, Parameters.frozen(weights));
                float[] x = uniform(1, 3 * SIDE * SIDE);
                float[] g = uniform(3, network.pooledWidth());
                float[] direction; // steepest, so that the slope stands out of the kinks
                try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                    Tensor pixels = tape.watch(tape.constant(x, 1, 3, SIDE, SIDE));
                    Tensor pooled = network.features(tape, pixels).pooled();
                    tape.backward(pooled, tape.constant(g, 1, g.length));
                    direction = tape.gradient(pixels).toFloats();
                }
                double slope = dot(direction, direction);
                double step = 0.002 / Math.sqrt(slope); // 0.002 in length, over 45,387 pixels
                double difference =
                        (value(network, x, direction, step, g) - value(network, x, direction, -step, g)) / (2 * step);
                // kinks of max(·, 0) within the step; ten times the step is off by 5%, a branch left out by tens
                assertEquals(difference, slope, 0.005 * Math.abs(difference), cut.toString());
            }
        }
    }

    private double value(Inception network, float[] x, float[] direction, double step, float[] g) {
        float[] moved = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            moved[i] = (float) (x[i] + step * direction[i]);
        }
        try (Tape tape = Tape.inference(device.kernels(), activations)) {
            return dot(
                    network.features(tape, tape.constant(moved, 1, 3, SIDE, SIDE))
                            .pooled()
                            .toFloats(),
                    g);
        }
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    @Test
    void aPictureIsAtDistanceZeroFromItself() {
        Lpips lpips = VisionEncoders.openLpips(GOLDEN.resolve("vision_lpips_vgg/weights.safetensors"), weights);
        float[] x = uniform(4, 3 * 20 * 33);
        try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
            Tensor a = tape.watch(tape.constant(x, 1, 3, 20, 33));
            Tensor d = lpips.distance(tape, a, tape.constant(x, 1, 3, 20, 33));
            assertArrayEquals(new float[1], d.toFloats());
            tape.backward(d, tape.constant(new float[] {1}, 1));
            assertArrayEquals(new float[x.length], tape.gradient(a).toFloats());
        }
    }

    /** Where no channel of a pixel is alive there is no direction; upstream's root has no slope there. */
    @Test
    void deadFeaturesGiveNumbers() {
        try (SafeTensors file = SafeTensors.open(GOLDEN.resolve("vision_lpips_vgg/weights.safetensors"))) {
            Lpips lpips = new Lpips(new Dead(new StoredTensors(file)), Parameters.frozen(weights));
            try (Tape tape = Tape.recording(device.kernels(), activations, gradients)) {
                Tensor a = tape.watch(tape.constant(uniform(5, 3 * 16 * 16), 1, 3, 16, 16));
                Tensor d = lpips.distance(tape, a, tape.constant(uniform(6, 3 * 16 * 16), 1, 3, 16, 16));
                tape.backward(d, tape.constant(new float[] {1}, 1));
                assertTrue(d.item() > 0 && Float.isFinite(d.item()), "" + d.item()); // the first layers are alive
                for (float slope : tape.gradient(a).toFloats()) {
                    assertTrue(Float.isFinite(slope), "" + slope);
                }
            }
        }
    }

    /** The third slice's last layer never fires, so nothing after it knows the picture. */
    private record Dead(NamedTensors source) implements NamedTensors {
        @Override
        public Set<String> names() {
            return source.names();
        }

        @Override
        public Shape shape(String name) {
            return source.shape(name);
        }

        @Override
        public float[] values(String name) {
            float[] values = source.values(name);
            Map<String, Float> bias = new HashMap<>();
            bias.put("net.slice3.14.bias", -1e6f);
            bias.put("net.slice4.17.bias", -1e6f);
            bias.put("net.slice5.24.bias", -1e6f);
            if (bias.containsKey(name)) {
                java.util.Arrays.fill(values, bias.get(name));
            }
            return values;
        }
    }
}
