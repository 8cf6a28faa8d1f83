package mezzotint.latent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds for every autoencoder, whatever its weights. */
class AutoencoderTest {
    private static final TestDevice DEVICE = new TestDevice();
    private static final long ARENA = 64L << 20;

    /** Latents of pictures, then the pictures of these latents. */
    private record There(float[] latents, float[] back) {
        static There of(Tape tape, ImageCodec codec, Tensor pictures) {
            Tensor latents = codec.encode(tape, pictures);
            return new There(latents.toFloats(), codec.decode(tape, latents).toFloats());
        }

        void assertSameBits(There other) {
            assertArrayEquals(latents, other.latents);
            assertArrayEquals(back, other.back);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shapesAreThoseOfTheRatio(TinyCodecs tiny) {
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            ImageCodec codec = tiny.make(tensors.arena());
            int r = codec.ratio();
            Tensor pictures = tensors.normal(1, 2, 3, 3L * r, 2L * r);
            Tensor latents = codec.encode(tape, pictures);
            assertEquals(Shape.of(2, codec.channels(), 3, 2), latents.shape());
            assertEquals(latents.shape(), codec.latentShape(pictures.shape()));
            assertEquals(pictures.shape(), codec.decode(tape, latents).shape());
            Tensor noise = tensors.normal(2, latents.shape().dims());
            assertEquals(latents.shape(), codec.encode(tape, pictures, noise).shape());
            if (r > 1) {
                Tensor odd = tensors.normal(1, 1, 3, r + 1L, r);
                assertThrows(ShapeMismatchException.class, () -> codec.encode(tape, odd));
            }
            assertThrows(ShapeMismatchException.class, () -> codec.decode(tape, pictures));
        }
    }

    /** Where everything is kept and where everything is freed, samples together and one by one. */
    @ParameterizedTest
    @EnumSource
    void freeingWhatIsReadChangesNoBit(TinyCodecs tiny) {
        try (Tensors tensors = new Tensors();
                TensorArena activations = DEVICE.arena(ARENA);
                TensorArena gradients = DEVICE.arena(ARENA)) {
            ImageCodec codec = tiny.make(tensors.arena());
            Tensor pictures = tensors.normal(1, 3, 3, 2L * codec.ratio(), 4L * codec.ratio());
            There kept;
            try (Tape tape = Tape.recording(DEVICE.kernels(), activations, gradients)) {
                kept = There.of(tape, codec, pictures);
            }
            try (Tape tape = Tape.inference(DEVICE.kernels(), activations)) {
                kept.assertSameBits(There.of(tape, codec, pictures));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void sameBitsOnAnyNumberOfThreads(TinyCodecs tiny) {
        There one = null;
        for (int threads = 1; threads <= 3; threads++) {
            try (Device device = CpuDevice.open(CpuOptions.best().withThreads(threads));
                    TensorArena arena = device.arena(ARENA);
                    Tape tape = Tape.inference(device.kernels(), arena)) {
                ImageCodec codec = tiny.make(arena);
                float[] pictures = Tensors.normals(1, 3 * 36 * codec.ratio() * codec.ratio());
                There there = There.of(
                        tape, codec, tape.constant(pictures, 1, 3, 9L * codec.ratio(), 4L * codec.ratio()));
                if (one == null) {
                    one = there;
                }
                one.assertSameBits(there);
            }
        }
    }

    /** The estimate is an upper bound, and no more than a twentieth and some tiny tensors above what is taken. */
    @ParameterizedTest
    @EnumSource
    void takesTheBytesThatItSays(TinyCodecs tiny) {
        try (Tensors tensors = new Tensors()) {
            ImageCodec codec = tiny.make(tensors.arena());
            for (long[] sides : new long[][] {{4, 4}, {24, 8}}) {
                Shape shape = Shape.of(2, 3, sides[0] * codec.ratio(), sides[1] * codec.ratio());
                Tensor pictures = tensors.normal(1, shape.dims());
                Tensor latents = tensors.normal(1, codec.latentShape(shape).dims());
                Tensor noise = tensors.normal(2, codec.latentShape(shape).dims());
                assertTakes(tiny + " decode", codec.decodeBytes(shape), tape -> codec.decode(tape, latents));
                assertTakes(tiny + " encode", codec.encodeBytes(shape), tape -> codec.encode(tape, pictures, noise));
            }
        }
    }

    private static void assertTakes(String what, long said, java.util.function.Consumer<Tape> work) {
        try (TensorArena activations = DEVICE.arena(ARENA);
                Tape tape = Tape.inference(DEVICE.kernels(), activations)) {
            work.accept(tape);
            long taken = activations.peak();
            assertTrue(
                    taken <= said && said <= 1.05 * taken + 4096,
                    () -> "%s: said %d bytes, took %d".formatted(what, said, taken));
        }
    }

    private static ImageCodec tiled(ImageCodec codec, Tiling tiling) {
        return codec instanceof AutoencoderKl kl
                ? kl.withTiling(Optional.of(tiling))
                : ((AutoencoderDc) codec).withTiling(Optional.of(tiling));
    }

    @ParameterizedTest
    @EnumSource
    void picturesUpToATileAreNotCut(TinyCodecs tiny) {
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            ImageCodec codec = tiny.make(tensors.arena());
            Tensor pictures = tensors.normal(1, 1, 3, 6L * codec.ratio(), 4L * codec.ratio());
            There.of(tape, codec, pictures).assertSameBits(There.of(tape, tiled(codec, new Tiling(6, 4)), pictures));
        }
    }

    /** Away from the tiles' borders only normalisation over the picture and attention tell tiles from the whole. */
    @Test
    void tilesAreNearTheWhole() {
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            ImageCodec codec = TinyCodecs.KL_WITH_QUANT_CONVOLUTIONS.make(tensors.arena());
            Tensor pictures = tensors.normal(1, 2, 3, 40L * codec.ratio(), 24L * codec.ratio());
            There whole = There.of(tape, codec, pictures);
            Tensor latents = codec.encode(tape, pictures);
            ImageCodec cut = tiled(codec, new Tiling(16, 12));
            // Statistics of 16×16 cells instead of 40×24, and zeros around each tile.
            RelativeError.assertRelativeError(cut.encode(tape, pictures), Tensors.doubles(whole.latents), 0.2);
            RelativeError.assertRelativeError(cut.decode(tape, latents), Tensors.doubles(whole.back), 0.2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void tilesBoundTheMemory(TinyCodecs tiny) {
        try (Tensors tensors = new Tensors()) {
            ImageCodec codec = tiled(tiny.make(tensors.arena()), new Tiling(8, 6));
            Shape small = Shape.of(1, 3, 8L * codec.ratio(), 8L * codec.ratio());
            Shape large = Shape.of(1, 3, 40L * codec.ratio(), 32L * codec.ratio());
            Tensor latents = tensors.normal(1, codec.latentShape(large).dims());
            assertTakes(tiny + " in tiles", codec.decodeBytes(large), tape -> codec.decode(tape, latents));
            long result = large.elements() * Float.BYTES;
            assertTrue(codec.decodeBytes(large) <= codec.decodeBytes(small) + result + 4096);
            Tensor pictures = tensors.normal(1, large.dims());
            assertTakes(tiny + " in tiles", codec.encodeBytes(large), tape -> codec.encode(tape, pictures));
        }
    }

    @Test
    void drawsFromThePosterior() {
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            AutoencoderKl codec = (AutoencoderKl) TinyCodecs.KL.make(tensors.arena());
            Tensor pictures = tensors.normal(1, 2, 3, 8, 8);
            Tensor noise = tensors.normal(2, 2, 3, 2, 2);
            GaussianPosterior posterior = codec.posterior(tape, pictures);
            double[] expected = new double[noise.toFloats().length];
            for (int i = 0; i < expected.length; i++) {
                expected[i] = posterior.mean().toFloats()[i]
                        + Math.exp(0.5 * posterior.logVariance().toFloats()[i]) * noise.toFloats()[i];
            }
            RelativeError.assertRelativeError(codec.encode(tape, pictures, noise), expected, 1e-6);
            assertArrayEquals(
                    posterior.mean().toFloats(), codec.encode(tape, pictures).toFloats());
            Tensor wrong = tensors.normal(2, 2, 3, 2, 1);
            assertEquals(
                    "posterior: noise (2, 3, 2, 1), expected (2, 3, 2, 2)",
                    assertThrows(ShapeMismatchException.class, () -> codec.encode(tape, pictures, wrong))
                            .getMessage());
        }
    }

    /** Bounds and their neighbourhood, and where eˣ is tiny and large. */
    @Test
    void logVariancesAreClampedAndTheirDeviationsExact() {
        float[] logs = {-1e6f, -31, -30, -29.5f, -1, -1e-3f, 0, 1e-3f, 1, 19.5f, 20, 21, 1e6f};
        float[] moments = new float[2 * logs.length];
        System.arraycopy(logs, 0, moments, logs.length, logs.length);
        try (Tensors tensors = new Tensors();
                Tape tape = Tape.inference(DEVICE.kernels(), tensors.arena())) {
            GaussianPosterior posterior =
                    GaussianPosterior.of(tape, tensors.of(moments, 1, 2, 1, logs.length));
            float[] clamped = logs.clone();
            for (int i = 0; i < clamped.length; i++) {
                clamped[i] = Math.clamp(clamped[i], -30f, 20f);
            }
            assertArrayEquals(clamped, posterior.logVariance().toFloats());
            float[] deviations = posterior.standardDeviation(tape).toFloats();
            for (int i = 0; i < logs.length; i++) {
                double expected = Math.exp(0.5 * clamped[i]);
                assertEquals(expected, deviations[i], 1e-6 * expected); // a few roundings
            }
            double divergence = Arrays.stream(Tensors.doubles(clamped))
                            .map(l -> 0.5 * (Math.exp(l) - 1 - l))
                            .sum()
                    / logs.length;
            assertEquals(divergence, posterior.divergence(tape).item(), 1e-6 * divergence);
        }
    }
}
