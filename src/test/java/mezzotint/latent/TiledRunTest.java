package mezzotint.latent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TiledRunTest {
    private static final TestDevice DEVICE = new TestDevice();

    /** A network that looks at one pixel at a time cannot know that it was given tiles. */
    @Property(tries = 60)
    void seamlessWhereTheNetworkLooksAtSinglePixels(
            @ForAll @IntRange(min = 1, max = 23) int height,
            @ForAll @IntRange(min = 1, max = 23) int width,
            @ForAll @IntRange(min = 1, max = 8) int side,
            @ForAll @IntRange(min = 0, max = 4) int overlap,
            @ForAll @IntRange(min = 1, max = 3) int up) {
        int stride = side - Math.min(overlap, side / 2);
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            Tensor x = tensors.normal(height * 31L + width, 1, 2, height, width);
            Tensor y = tape.allocate(1, 2, (long) height * up, (long) width * up);
            new TiledRun((t, tile) -> enlarged(t, tile, up), side, stride, up, 1).run(tape, x, y);
            // a·(1−s) + a·s rounds three times
            RelativeError.assertRelativeError(y, Tensors.doubles(enlarged(tape, x, up)), 3e-7);
        }
    }

    private static Tensor enlarged(Tape tape, Tensor x, int up) {
        int channels = x.shape().size(1);
        int height = x.shape().size(2);
        int width = x.shape().size(3);
        float[] in = x.toFloats();
        float[] out = new float[in.length * up * up];
        for (int i = 0; i < out.length; i++) {
            int column = i % (width * up) / up;
            int row = i / (width * up) % (height * up) / up;
            out[i] = in[(i / (width * up) / (height * up) * height + row) * width + column];
        }
        return tape.constant(out, 1, channels, (long) height * up, (long) width * up);
    }

    /** Tiles of 8 every 6: the values are the tiles' numbers; worked out by hand from the weights i/2. */
    @Test
    void blendsLinearlyFromTheOldTileToTheNew() {
        int[] number = {0};
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            Tensor y = tape.allocate(1, 1, 2, 14);
            new TiledRun((t, tile) -> same(t, tile, number[0]++), 8, 6, 1, 1)
                    .run(tape, tensors.normal(1, 1, 1, 2, 14), y);
            float[] row = {0, 0, 0, 0, 0, 0, 0, 0.5f, 1, 1, 1, 1, 1, 1.5f};
            assertArrayEquals(row, Arrays.copyOf(y.toFloats(), 14));
            assertEquals(3, number[0]);
        }
    }

    private static Tensor same(Tape tape, Tensor tile, float value) {
        float[] values = new float[Math.toIntExact(tile.shape().elements())];
        Arrays.fill(values, value);
        return tape.constant(values, tile.shape().dims());
    }

    /** What lies above and to the left is mixed in as it was mixed itself, first from above; worked out by hand. */
    @Test
    void cornersMixWhatIsMixed() {
        int[] number = {0};
        float[] values = {1, 10, 100, 1000};
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            Tensor y = tape.allocate(1, 1, 4, 4);
            new TiledRun((t, tile) -> same(t, tile, values[number[0]++]), 4, 2, 1, 1)
                    .run(tape, tensors.normal(1, 1, 1, 4, 4), y);
            float aboveRight = 0.5f * 1 + 0.5f * 10;
            float belowLeft = 0.5f * 1 + 0.5f * 100;
            float corner = 0.5f * belowLeft + 0.5f * (0.5f * aboveRight + 0.5f * 1000);
            float[] expected = {
                1, 1, 1, aboveRight,
                1, 1, 1, aboveRight,
                1, 1, 1, 0.5f * 1 + 0.5f * aboveRight,
                belowLeft, belowLeft, belowLeft, corner,
            };
            assertArrayEquals(expected, y.toFloats(), 1e-4f);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 'autoencoder configuration: tile side expected at least 1 latent cell, got 0'",
        "8, 3, 'autoencoder configuration: tile stride expected between half and all of the side of 8 latent cells, got 3'",
        "8, 9, 'autoencoder configuration: tile stride expected between half and all of the side of 8 latent cells, got 9'",
    })
    void refusesTilesThatDoNotFit(int side, int stride, String message) {
        var thrown = assertThrows(InvalidCodecConfigException.class, () -> new Tiling(side, stride));
        assertEquals(message, thrown.getMessage());
    }

    /** FLUX and Sana as diffusers has them. */
    @Test
    void cutsAsDiffusersDoes() {
        assertEquals(new Tiling(128, 96), Tiling.ofPixels(1024, 8, 0.25));
        assertEquals(new Tiling(16, 14), Tiling.ofPixels(512, 32, 0.125));
    }
}
