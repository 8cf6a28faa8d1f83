package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import mezzotint.io.AtomicFolders;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.latent.CodecFolder;
import mezzotint.latent.ImageCodec;
import mezzotint.tensor.TensorArena;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An autoencoder, and a denoiser on its latents: trained, resumed and drawn with by commands. */
class LatentTrainingTest {
    @TempDir
    private static Path shared;

    private static Path trained;

    @TempDir
    private Path folder;

    private Path codec;

    @BeforeAll
    static void trainCodec() {
        trained = shared.resolve("codec");
        assertEquals(0, autoencoder(trained, "1").status());
    }

    /** A copy of its own, which a test may delete. */
    @BeforeEach
    void copyCodec() {
        codec = folder.resolve("codec");
        CodecFolder.copy(trained, codec);
    }

    private static Command autoencoder(Path out, String threads) {
        Command command = Command.run(
                "autoencoder",
                "--out",
                out.toString(),
                "--size",
                "16",
                "--ratio",
                "2",
                "--channels",
                "2",
                "--steps",
                "4",
                "--batch",
                "2",
                "--threads",
                threads);
        assertEquals("", command.status() == 0 ? "" : command.err());
        return command;
    }

    @Test
    void theAutoencoderHasTheSameBitsOnAnyNumberOfThreads() throws IOException {
        Path other = folder.resolve("other");
        autoencoder(other, "2");
        for (String file : new String[] {"config.json", "diffusion_pytorch_model.safetensors"}) {
            assertArrayEquals(Files.readAllBytes(codec.resolve(file)), Files.readAllBytes(other.resolve(file)), file);
        }
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(1));
                CodecFolder stored = CodecFolder.open(codec);
                TensorArena weights = device.arena(stored.weightBytes())) {
            ImageCodec loaded = stored.load(weights);
            assertEquals(2, loaded.ratio());
            assertEquals(2, loaded.channels());
            assertTrue(loaded.scale().factor() != 1, "the scale was measured");
        }
    }

    @Test
    void aFolderThatExistsIsKept() {
        Command command = Command.run("autoencoder", "--out", codec.toString());
        assertEquals(2, command.status());
        assertTrue(command.err().contains("exists; name another folder"), command.err());
    }

    @Test
    void trainsDrawsAndGoesOnWithoutTheAutoencodersFolder() throws IOException {
        Path whole = folder.resolve("whole");
        assertEquals(0, train(whole, 4).status());
        Path half = folder.resolve("half");
        assertEquals(0, train(half, 4).status());
        AtomicFolders.delete(half.resolve("checkpoint-00000004"));
        AtomicFolders.delete(codec);
        Command resumed = Command.run("train", "--resume", "--run", half.toString(), "--threads", "2");
        assertEquals(0, resumed.status(), resumed.err());
        String weights = "checkpoint-00000004/training/weights.safetensors";
        assertArrayEquals(Files.readAllBytes(whole.resolve(weights)), Files.readAllBytes(half.resolve(weights)));
        assertTrue(Files.exists(half.resolve("checkpoint-00000004/model/vae/config.json")));
        Path picture = folder.resolve("drawn.png");
        Command drawn = Command.run(
                "sample",
                "--model",
                half.toString(),
                "an owl",
                "--size",
                "16x16",
                "--steps",
                "2",
                "--out",
                picture.toString());
        assertEquals(0, drawn.status(), drawn.err());
        var image = mezzotint.image.RgbImage.read(picture);
        assertEquals(16, image.width());
    }

    private Command train(Path run, int steps) {
        return Command.train(
                run,
                steps,
                "--set",
                "model.codec=" + codec,
                "--set",
                "model.patch_size=2",
                "--set",
                "data.image_size=16",
                "--set",
                "run.checkpoint_every=2",
                "--set",
                "run.preview_every=0");
    }

    @Test
    void aCodecThatIsNoneAndPixelsThatAreNotThereAreRefused() {
        Command missing = Command.train(folder.resolve("run"), 1, "--set", "model.codec=" + folder.resolve("none"));
        assertEquals(2, missing.status(), missing.err());
        assertTrue(missing.err().contains("none"), missing.err());
        Command perceptual = Command.train(
                folder.resolve("run"),
                1,
                "--set",
                "model.codec=" + codec,
                "--set",
                "technique.lpips.weight=0.1",
                "--set",
                "technique.lpips.network=vgg.safetensors");
        assertEquals(2, perceptual.status(), perceptual.err());
        assertTrue(perceptual.err().contains("weight 0 beside a codec"), perceptual.err());
        assertTrue(Files.notExists(folder.resolve("run")));
    }
}
