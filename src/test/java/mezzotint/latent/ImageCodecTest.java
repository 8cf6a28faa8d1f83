package mezzotint.latent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import mezzotint.autograd.Tape;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import org.junit.jupiter.api.Test;

class ImageCodecTest {
    private static final TestDevice DEVICE = new TestDevice();

    @Test
    void pixelsPassThroughTheIdentity() {
        ImageCodec codec = new IdentityCodec();
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            Tensor x = tensors.normal(1, 2, 3, 5, 7);
            assertSame(x, codec.encode(tape, x));
            assertSame(x, codec.encode(tape, x, tensors.normal(2, 2, 3, 5, 7)));
            assertSame(x, codec.decode(tape, x));
            assertSame(x, codec.scale().scaled(tape, x));
            assertSame(x, codec.scale().unscaled(tape, x));
        }
        assertEquals(Shape.of(2, 3, 5, 7), codec.latentShape(Shape.of(2, 3, 5, 7)));
        assertEquals(1, codec.ratio());
        assertEquals(3, codec.channels());
        assertEquals(0, codec.decodeBytes(Shape.of(2, 3, 5, 7)));
        assertEquals(0, codec.encodeBytes(Shape.of(2, 3, 5, 7)));
    }

    @Test
    void refusesWhatIsNoPicture() {
        ImageCodec codec = new IdentityCodec();
        assertEquals(
                "encode: pictures (2, 4, 5, 7), expected (B, 3, height, width) with sides that are multiples of 1",
                assertThrows(ShapeMismatchException.class, () -> codec.latentShape(Shape.of(2, 4, 5, 7)))
                        .getMessage());
        assertThrows(ShapeMismatchException.class, () -> codec.latentShape(Shape.of(3, 5, 7)));
        assertThrows(ShapeMismatchException.class, () -> codec.latentShape(Shape.of(1, 3, 0, 7)));
        assertEquals(
                "decode: latents (2, 4, 5, 7), expected (B, 3, h, w)",
                assertThrows(ShapeMismatchException.class, () -> codec.pictureShape(Shape.of(2, 4, 5, 7)))
                        .getMessage());
    }

    @Property(tries = 30)
    void scalingGoesBothWays(
            @ForAll @FloatRange(min = 0.05f, max = 20) float factor,
            @ForAll @FloatRange(min = -3, max = 3) float shift) {
        LatentScale scale = new LatentScale(factor, shift);
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            Tensor z = tensors.normal(3, 1, 4, 2, 3);
            double[] expected = Tensors.doubles(z);
            for (int i = 0; i < expected.length; i++) {
                expected[i] = factor * (expected[i] - shift);
            }
            Tensor scaled = scale.scaled(tape, z);
            RelativeError.assertRelativeError(scaled, expected, 1e-6); // roundings beside a shift of up to 3
            RelativeError.assertRelativeError(scale.unscaled(tape, scaled), Tensors.doubles(z), 2e-6);
        }
    }

    @Test
    void statisticsGiveUnitVariance() {
        LatentStatistics statistics = new LatentStatistics();
        try (Tensors tensors = new Tensors()) {
            float[] values = Tensors.normals(5, 100_000);
            for (int i = 0; i < values.length; i++) {
                values[i] = 30 + 0.25f * values[i];
            }
            for (int i = 0; i < 4; i++) {
                statistics.add(tensors.of(java.util.Arrays.copyOfRange(values, i * 25_000, (i + 1) * 25_000), 25_000));
            }
        }
        // 100,000 draws: errors of 0.25/√100,000 and a relative 1/√200,000, taken four times
        assertEquals(30, statistics.mean(), 0.0032);
        assertEquals(4f, statistics.scale().factor(), 0.036f);
        assertEquals((float) statistics.mean(), statistics.scale().shift());
        assertThrows(InvalidCodecConfigException.class, () -> new LatentStatistics().scale());
    }
}
