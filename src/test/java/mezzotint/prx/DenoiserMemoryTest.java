package mezzotint.prx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.OptionalInt;
import mezzotint.autograd.Tape;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig.RopeAxes;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Devices;
import mezzotint.testing.TestDevice;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class DenoiserMemoryTest {
    /** What is predicted is what the arena was filled to, to the byte. */
    @Property(tries = 40)
    void predictsTheArenasPeak(
            @ForAll @IntRange(min = 1, max = 3) int batch,
            @ForAll @IntRange(min = 1, max = 5) int rows,
            @ForAll @IntRange(min = 1, max = 5) int columns,
            @ForAll @IntRange(min = 1, max = 9) int tokens,
            @ForAll @IntRange(max = 3) int depth,
            @ForAll @IntRange(max = 20) int bottleneck,
            @ForAll boolean resolution,
            @ForAll @IntRange(min = 1, max = 6) int mlp) {
        PrxConfig config = new PrxConfig(
                3,
                4,
                10,
                24,
                mlp / 2.0,
                3,
                depth,
                new RopeAxes(4, 4),
                10_000,
                1000,
                10_000,
                bottleneck == 0 ? OptionalInt.empty() : OptionalInt.of(bottleneck),
                resolution);
        TestDevice device = new TestDevice(Devices.one().kernels());
        try (TensorArena weights = device.arena(4 << 20);
                TensorArena inputs = device.arena(4 << 20);
                TensorArena forTexts = device.arena(16 << 20);
                TensorArena scratch = device.arena(16 << 20)) {
            PrxDenoiser denoiser = new PrxDenoiser(config, new Parameters(weights, new PhiloxRandom(1)));
            Tape before = Tape.inference(device.kernels(), inputs);
            PrxText text = denoiser.text(
                    Tape.inference(device.kernels(), forTexts),
                    before.constant(new float[batch * tokens * 10], batch, tokens, 10),
                    before.allocate(Shape.of(batch, tokens), DType.BOOL).set(new boolean[batch * tokens]));
            denoiser.forward(
                    Tape.inference(device.kernels(), scratch),
                    before.constant(new float[batch * 3 * 16 * rows * columns], batch, 3, 4L * rows, 4L * columns),
                    before.constant(new float[batch], batch),
                    text);
            DenoiserMemory memory = new DenoiserMemory(config);
            assertEquals(memory.forwardBytes(batch, 4 * rows, 4 * columns), scratch.peak());
            assertEquals(memory.textBytes(batch, tokens), forTexts.peak());
        }
    }
}
