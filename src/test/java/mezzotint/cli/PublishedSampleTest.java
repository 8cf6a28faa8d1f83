package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import mezzotint.image.PngFile;
import mezzotint.image.RgbImage;
import mezzotint.kernel.Device;
import mezzotint.kernel.cpu.CpuDevice;
import mezzotint.kernel.cpu.CpuOptions;
import mezzotint.sampling.Canvas;
import mezzotint.sampling.Guidance;
import mezzotint.sampling.PublishedPipeline;
import mezzotint.sampling.SamplingRequest;
import mezzotint.sampling.TimeGrid;
import mezzotint.text.Prompt;
import mezzotint.text.PromptStatesFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mezzotint sample} with published folders, small ones with random weights. */
class PublishedSampleTest {
    private static final Path PIXELS = Path.of("src/test/resources/golden/pipeline_pixel");
    private static final Path LATENTS = Path.of("src/test/resources/golden/pipeline_latent_kl");

    @TempDir
    Path folder;

    @Test
    void drawsThePictureThatTheLibraryDraws() {
        Path out = folder.resolve("lion.png");
        Command command = sample(
                PIXELS,
                "--size",
                "32x24",
                "--no-bins",
                "--seed",
                "4",
                "--negative",
                "grey",
                "--out",
                out.toString(),
                "a lion");
        assertEquals(0, command.status(), command.err());
        Map<String, String> parameters = PngFile.readParameters(out);
        assertEquals(
                List.of("a lion", "grey", "4", "2", "5.0", "32x24", "euler", "torch", PIXELS.toString()),
                Stream.of("prompt", "negative", "seed", "steps", "guidance", "size", "solver", "noise", "model")
                        .map(parameters::get)
                        .toList());
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(1));
                PublishedPipeline pipeline = PublishedPipeline.open(device, PIXELS)) {
            SamplingRequest request = pipeline.request("a lion").withSeeds(4).withNegative("grey");
            RgbImage lion = pipeline.draw(request.withCanvas(Canvas.exactly(24, 32))
                            .withSettings(request.settings()
                                    .withGrid(TimeGrid.diffusersGrid(
                                            2, pipeline.folder().scheduler().shift()))
                                    .withGuidance(Guidance.of(5))))
                    .getFirst();
            assertEquals(lion, RgbImage.read(out));
        }
    }

    @Test
    void everyOptionChangesThePicture() throws IOException {
        Path init = folder.resolve("init.png");
        Pictures.write(init, RgbImage.filled(32, 16, 0xFF8000), Map.of());
        Path mask = folder.resolve("mask.png");
        Pictures.write(mask, RgbImage.filled(32, 16, 0xFFFFFF), Map.of());
        List<List<String>> options = List.of(
                List.of(),
                List.of("--solver", "heun"),
                List.of("--grid", "native"),
                List.of("--noise", "philox"),
                List.of("--guidance-interval", "0:0.9"),
                List.of("--guidance", "1"),
                List.of("--precision", "bfloat16"),
                List.of("--init", init.toString(), "--strength", "0.5"));
        List<RgbImage> pictures = options.stream()
                .map(some -> {
                    Path out = folder.resolve("out.png");
                    String[] words = Stream.concat(
                                    Stream.of(
                                            "--force", "--no-bins", "--size", "32x16", "--out", out.toString(), "fox"),
                                    some.stream())
                            .toArray(String[]::new);
                    Command command = sample(LATENTS, words);
                    assertEquals(0, command.status(), command.err());
                    return RgbImage.read(out);
                })
                .toList();
        assertEquals(options.size(), pictures.stream().distinct().count());
        Path out = folder.resolve("masked.png");
        Command masked =
                sample(LATENTS, "--init", init.toString(), "--mask", mask.toString(), "--out", out.toString(), "fox");
        assertEquals(0, masked.status(), masked.err());
        assertEquals(pictures.getFirst(), RgbImage.read(out)); // all of it is drawn, at the size of the picture
        assertEquals("1.0", PngFile.readParameters(out).get("strength"));
        assertEquals(init.toString(), PngFile.readParameters(out).get("init"));
    }

    @Test
    void drawsAtABinAndBringsItToTheSizeAskedFor() {
        Path out = folder.resolve("wide.png");
        Command command = sample(LATENTS, "--steps", "1", "--size", "61x33", "--out", out.toString(), "fox");
        assertEquals(0, command.status(), command.err());
        RgbImage picture = RgbImage.read(out);
        assertEquals(List.of(61, 33), List.of(picture.width(), picture.height()));
    }

    @Test
    void saysWhatMemoryItWillUseAndDrawsTheSamePictureInLess() {
        Path out = folder.resolve("out.png");
        List<RgbImage> pictures = Stream.of(List.<String>of(), List.of("--memory", "64GiB"))
                .map(more -> {
                    Stream<String> words =
                            Stream.of("--force", "--no-bins", "--size", "32x16", "--out", out.toString(), "fox");
                    Command command =
                            sample(LATENTS, Stream.concat(words, more.stream()).toArray(String[]::new));
                    assertEquals(0, command.status(), command.err());
                    assertEquals(more.isEmpty() ? 0 : 4, command.err().lines().count(), command.err());
                    assertEquals(!more.isEmpty(), command.err().contains("memory: "), command.err());
                    return RgbImage.read(out);
                })
                .toList();
        assertEquals(pictures.getFirst(), pictures.getLast());
        assertEquals(
                0,
                sample(
                                LATENTS,
                                "--memory=64GiB",
                                "--count=2",
                                "--no-bins",
                                "--size",
                                "32x16",
                                "--sheet",
                                "--out",
                                folder.resolve("sheet.png").toString(),
                                "fox")
                        .status());
        assertRefused(sample(LATENTS, "--memory", "1MiB", "fox"), "1 MiB are not enough");
        assertRefused(sample(LATENTS, "--memory", "much", "fox"), "expected a size such as 8GiB");
        Command own = Command.run("sample", "--memory", "8GiB", "--threads", "1", "fox");
        assertRefused(own, "--memory is for published models");
    }

    @Test
    void takesTokenStatesWhereItTakesWords() {
        Path states = folder.resolve("fox.safetensors");
        try (Device device = CpuDevice.open(CpuOptions.best().withThreads(1));
                PublishedPipeline pipeline = PublishedPipeline.open(device, PIXELS)) {
            PromptStatesFile.write(
                    states, pipeline.states(List.of(Prompt.of("fox"))).getFirst());
        }
        List<RgbImage> pictures = Stream.of("fox", states.toString())
                .map(prompt -> {
                    Path out = folder.resolve("out.png");
                    Command command =
                            sample(PIXELS, "--force", "--no-bins", "--size", "16x16", "--out", out.toString(), prompt);
                    assertEquals(0, command.status(), command.err());
                    return RgbImage.read(out);
                })
                .toList();
        assertEquals(pictures.getFirst(), pictures.getLast());
        assertRefused(
                sample(LATENTS, "--no-bins", "--size", "16x16", "--negative", broken(), "fox"), "broken.safetensors");
    }

    private String broken() {
        Path file = folder.resolve("broken.safetensors");
        mezzotint.io.AtomicFiles.write(file, out -> out.write(new byte[] {1, 2, 3}));
        return file.toString();
    }

    @Test
    void keepsTokenStatesForTheNextTime() throws IOException {
        Path cache = folder.resolve("cache");
        List<RgbImage> pictures = Stream.of(folder.resolve("a.png"), folder.resolve("b.png"))
                .map(out -> {
                    Command command = sample(
                            PIXELS,
                            "--no-bins",
                            "--size",
                            "16x16",
                            "--prompt-cache",
                            cache.toString(),
                            "--out",
                            out.toString(),
                            "fox");
                    assertEquals(0, command.status(), command.err());
                    return RgbImage.read(out);
                })
                .toList();
        assertEquals(pictures.getFirst(), pictures.getLast());
        try (Stream<Path> files = Files.walk(cache)) {
            assertTrue(files.anyMatch(file -> file.toString().endsWith(".safetensors")));
        }
    }

    @Test
    void showsTheTrajectoryOfLatents() {
        Command command =
                sample(LATENTS, "--trajectory", "--no-bins", "--size", "32x16", "--out", folder.toString(), "fox");
        assertEquals(0, command.status(), command.err());
        assertTrue(Files.exists(folder.resolve("fox-trajectory.png")));
    }

    @Test
    void refusesWhatCannotBeDrawn() throws IOException {
        assertRefused(
                sample(LATENTS, "--no-bins", "--size", "24x32", "fox"),
                "this model draws sizes divisible by 16, got 24×32; ask for one, or for the nearest bin");
        assertRefused(sample(PIXELS, "--guidance", "0.5", "fox"), "--guidance a number of at least 1");
        assertRefused(sample(PIXELS, "--guidance-interval", "0.9:0.2", "fox"), "--guidance-interval wants FROM:TO");
        assertRefused(sample(PIXELS, "--guidance-interval", "half", "fox"), "got half");
        assertRefused(sample(PIXELS, "--solver", "rk4", "fox"), "--solver");
        assertRefused(sample(PIXELS, "--mask", "m.png", "fox"), "add --init PICTURE");
        assertRefused(
                sample(PIXELS, "--init", folder.resolve("none.png").toString(), "fox"),
                folder.resolve("none.png").toString());
        assertRefused(sample(PIXELS, "--strength", "2", "--init", "a.png", "fox"), "--strength wants 0 to 1, got 2.0");
        Command own = Command.run("sample", "--precision", "bfloat16", "--threads", "1", "fox");
        assertRefused(own, "--precision and --prompt-cache are for published models");
        assertEquals(List.of(), names());
    }

    @Test
    void refusesAFolderWithoutAllItsParts() throws IOException {
        Path broken = folder.resolve("broken");
        try (Stream<Path> files = Files.walk(LATENTS)) {
            for (Path file : files.toList()) {
                Path target = broken.resolve(LATENTS.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (!file.endsWith("tokenizer.json")) {
                    Files.copy(file, target);
                }
            }
        }
        assertRefused(
                sample(broken, "--out", folder.resolve("x.png").toString(), "fox"),
                broken.resolve("tokenizer/tokenizer.json").toString());
        assertFalse(Files.exists(folder.resolve("x.png")));
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private static void assertRefused(Command command, String part) {
        assertEquals(2, command.status(), command.err());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(command.complaints().getFirst().contains(part), command.err());
    }

    /** With two steps, unless the words say otherwise, on one thread. */
    private static Command sample(Path model, String... words) {
        List<String> steps = Arrays.asList(words).contains("--steps") ? List.of() : List.of("--steps", "2");
        return Command.run(Stream.of(
                        Stream.of("sample", "--model", model.toString(), "--threads", "1"),
                        steps.stream(),
                        Arrays.stream(words))
                .flatMap(part -> part)
                .toArray(String[]::new));
    }
}
