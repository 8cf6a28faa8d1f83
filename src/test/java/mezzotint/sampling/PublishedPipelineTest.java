package mezzotint.sampling;

import static mezzotint.sampling.PublishedModels.prompt;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import mezzotint.image.ImageSize;
import mezzotint.kernel.Device;
import mezzotint.kernel.Kernels;
import mezzotint.kernel.cpu.CpuMemory;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.Devices;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import mezzotint.text.Prompt;
import mezzotint.text.PromptStates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a published pipeline does with a request; its numbers are a recorded case of their own. */
class PublishedPipelineTest {
    private static final Prompt FOX = prompt(1, 5);
    private static final Prompt OWL = prompt(2, 2);
    private static final Prompt BLURRED = prompt(3, 1);
    private static final Prompt GREY = prompt(4, 7);

    private static SamplingRequest request(
            PublishedPipeline pipeline, List<Prompt> prompts, List<Prompt> negatives, List<Long> seeds) {
        SamplingRequest own = pipeline.request("");
        TimeGrid grid = TimeGrid.diffusersGrid(3, pipeline.folder().scheduler().shift());
        return new SamplingRequest(
                prompts,
                negatives,
                seeds,
                Canvas.exactly(16, 32),
                own.settings().withGrid(grid));
    }

    /** What upstream fails at: with guidance more than one picture, and several prompts with several pictures each. */
    @ParameterizedTest
    @ValueSource(strings = {PublishedModels.PIXELS, PublishedModels.LATENTS})
    void everyPictureIsTheOneThatItsPromptAndSeedGiveAlone(String name) {
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), name)) {
            SamplingRequest together = request(pipeline, List.of(FOX, OWL), List.of(BLURRED, GREY), List.of(0L, 0L))
                    .withSeeds(7, 8);
            assertEquals(List.of(FOX, FOX, OWL, OWL), together.prompts());
            assertEquals(List.of(7L, 8L, 7L, 8L), together.seeds());
            float[] all = pipeline.draw(together, SamplingListener.NONE).values();
            int size = all.length / 4;
            for (int i = 0; i < 4; i++) {
                SamplingRequest alone = request(
                        pipeline,
                        List.of(together.prompts().get(i)),
                        List.of(together.negatives().get(i)),
                        List.of(together.seeds().get(i)));
                // padded text and products of more rows are summed in other pieces; three steps, guidance of 5
                RelativeError.assertRelativeError(
                        "picture " + i,
                        Arrays.copyOfRange(all, i * size, (i + 1) * size),
                        Tensors.doubles(
                                pipeline.draw(alone, SamplingListener.NONE).values()),
                        2e-5);
            }
        }
    }

    /** The mistake upstream makes with several pictures a prompt: masks in another order than the states. */
    @Test
    void masksInTheWrongOrderWouldBeNoticed() {
        Prompt padded = prompt(5, 5);
        Prompt other = prompt(6, 2);
        PromptStates states = ((Prompt.Embedded) padded).states();
        PromptStates wrong = new PromptStates(
                states.values(),
                states.width(),
                Arrays.copyOf(((Prompt.Embedded) other).states().mask(), 8));
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), PublishedModels.PIXELS)) {
            float[] right = one(pipeline, padded);
            float[] mixed = one(pipeline, Prompt.of(wrong));
            assertTrue(RelativeError.of(mixed, Tensors.doubles(right)) > 1e-3);
        }
    }

    private static float[] one(PublishedPipeline pipeline, Prompt prompt) {
        return pipeline.draw(request(pipeline, List.of(prompt), List.of(GREY), List.of(1L)), SamplingListener.NONE)
                .values();
    }

    @Test
    void maskedTokensChangeNothing() {
        PromptStates states = ((Prompt.Embedded) FOX).states();
        float[] nonsense = states.values().clone();
        Arrays.fill(nonsense, 0, states.width(), 1e6f); // its first token is masked
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), PublishedModels.PIXELS)) {
            assertArrayEquals(
                    one(pipeline, FOX),
                    one(pipeline, Prompt.of(new PromptStates(nonsense, states.width(), states.mask()))));
            assertArrayEquals(one(pipeline, FOX), one(pipeline, Prompt.of(states.withoutMasked())));
        }
    }

    @Test
    void asksForBothHalvesOnlyWithinTheInterval() {
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), PublishedModels.PIXELS)) {
            SamplingRequest request = request(pipeline, List.of(FOX, OWL), List.of(BLURRED), List.of(1L, 2L));
            assertEquals(List.of(4, 4, 4), rows(pipeline, request, Guidance.of(3)));
            assertEquals(List.of(2, 4, 2), rows(pipeline, request, Guidance.of(3, new Guidance.Interval(0.5f, 0.9f))));
            assertEquals(List.of(2, 2, 2), rows(pipeline, request, Guidance.of(1)));
            float[] none = drawn(pipeline, request, Guidance.of(1));
            float[] never = drawn(pipeline, request, Guidance.of(3, new Guidance.Interval(0, 0)));
            float[] always = drawn(pipeline, request, Guidance.of(3));
            // the same numbers but for the padding of the longer of the prompts
            RelativeError.assertRelativeError("never", never, Tensors.doubles(none), 1e-5);
            assertTrue(RelativeError.of(always, Tensors.doubles(none)) > 1e-3);
        }
    }

    private static float[] drawn(PublishedPipeline pipeline, SamplingRequest request, Guidance guidance) {
        return pipeline.draw(request.withSettings(request.settings().withGuidance(guidance)), SamplingListener.NONE)
                .values();
    }

    private static List<Integer> rows(PublishedPipeline pipeline, SamplingRequest request, Guidance guidance) {
        List<Integer> rows = new ArrayList<>();
        pipeline.draw(request.withSettings(request.settings().withGuidance(guidance)), new SamplingListener() {
            @Override
            public void step(SamplingStep step) {}

            @Override
            public void answered(float time, Tensor outputs) {
                rows.add(outputs.shape().size(0));
            }
        });
        return rows;
    }

    @Test
    void theSameSeedGivesTheSameBitsOnAnyNumberOfThreads() {
        List<float[]> drawn = new ArrayList<>();
        Devices.all().stream()
                .filter(setup -> setup.bits().equals(Devices.one().bits()))
                .forEach(setup -> {
                    try (Device device = new TestDevice(setup.kernels());
                            PublishedPipeline pipeline = PublishedModels.open(device, PublishedModels.LATENTS)) {
                        drawn.add(one(pipeline, FOX));
                    }
                });
        assertTrue(drawn.size() > 1);
        drawn.forEach(other -> assertArrayEquals(drawn.getFirst(), other));
    }

    /** A device that remembers its arenas. */
    private record Watched(Kernels kernels, List<TensorArena> arenas) implements Device {
        @Override
        public TensorArena arena(long bytes) {
            TensorArena arena = new TensorArena(CpuMemory.allocate(bytes));
            arenas.add(arena);
            return arena;
        }

        @Override
        public void synchronize() {}

        @Override
        public void close() {}
    }

    @ParameterizedTest
    @EnumSource(Solver.class)
    void takesTheMemoryThatWasCounted(Solver solver) {
        for (String name : List.of(PublishedModels.PIXELS, PublishedModels.LATENTS)) {
            int side =
                    name.equals(PublishedModels.PIXELS) ? 128 : 256; // a MiB at least, beside which padding is little
            Watched device = new Watched(Devices.one().kernels(), new ArrayList<>());
            try (PublishedPipeline pipeline = PublishedModels.open(device, name)) {
                SamplingRequest small = request(pipeline, List.of(FOX, OWL), List.of(GREY), List.of(1L, 2L));
                SamplingRequest request = small.withCanvas(Canvas.exactly(side, side))
                        .withSettings(small.settings().withSolver(solver));
                MemoryPlan plan = pipeline.plan(request, 1L << 40, 0);
                pipeline.draw(request);
                long counted = plan.phases().get(1).scratch();
                TensorArena scratch = device.arenas.stream()
                        .filter(arena -> arena.capacity() == counted)
                        .findFirst()
                        .orElseThrow();
                assertTrue(scratch.peak() > 0.95 * counted, scratch.peak() + " of " + counted + " for " + name);
            }
        }
    }

    @Test
    void refusesMoreThanTheMemoryItMayUse() {
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), PublishedModels.PIXELS)) {
            SamplingRequest request = request(pipeline, List.of(FOX), List.of(GREY), List.of(1L));
            var e = assertThrows(InsufficientMemoryException.class, () -> pipeline.plan(request, 3 << 20, 2 << 20));
            assertTrue(e.getMessage().startsWith("3 MiB are not enough: "), e.getMessage());
        }
    }

    @Test
    void hasTheModelsOwnSettings() {
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), PublishedModels.PIXELS)) {
            SamplingRequest request = pipeline.request("a fox", "an owl");
            assertEquals(new Canvas(1024, 1024, true), request.canvas());
            assertEquals(28, request.settings().grid().steps());
            assertEquals(0.0089f, request.settings().grid().sigma(27), 1e-4);
            assertEquals(Guidance.of(5), request.settings().guidance());
            assertEquals(List.of(0L, 0L), request.seeds());
            assertEquals(8, pipeline.sizeUnit());
            assertEquals(new ImageSize(768, 1344), pipeline.drawnSize(new Canvas(720, 1280, true)));
            assertEquals(new ImageSize(720, 1280), pipeline.drawnSize(Canvas.exactly(720, 1280)));
        }
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), PublishedModels.LATENTS)) {
            assertEquals(16, pipeline.sizeUnit());
        }
    }

    @Test
    void refusesWhatItCannotDraw() {
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), PublishedModels.LATENTS)) {
            SamplingRequest fits = request(pipeline, List.of(FOX), List.of(GREY), List.of(1L));
            assertRefused(
                    pipeline,
                    fits.withCanvas(Canvas.exactly(24, 32)),
                    "this model draws sizes divisible by 16, got 32×24; ask for one, or for the nearest bin");
            assertRefused(
                    pipeline,
                    fits.withSettings(fits.settings().withGuidance(Guidance.of(0.9f))),
                    "guidance: expected a scale of at least 1, got 0.9");
            var noise = assertThrows(
                    ShapeMismatchException.class,
                    () -> pipeline.draw(
                            fits.withSettings(fits.settings().withNoise(new InitialNoise.Given(new float[3])))));
            assertEquals("initial noise: 3 numbers, expected 32 for (1, 4, 2, 4)", noise.getMessage());
        }
    }

    private static void assertRefused(PublishedPipeline pipeline, SamplingRequest request, String message) {
        var e = assertThrows(SamplingRequestException.class, () -> pipeline.draw(request));
        assertEquals(message, e.getMessage());
    }

    @Test
    void noiseComesFromWhereItIsAskedFor() {
        try (PublishedPipeline pipeline = PublishedModels.open(new TestDevice(), PublishedModels.PIXELS)) {
            List<float[]> first = new ArrayList<>();
            for (InitialNoise noise : List.of(
                    new InitialNoise.TorchPerPicture(),
                    new InitialNoise.TorchTogether(),
                    new InitialNoise.Philox(),
                    new InitialNoise.Given(Tensors.normals(9, 2 * 3 * 16 * 32)))) {
                SamplingRequest two = request(pipeline, List.of(FOX, FOX), List.of(GREY), List.of(5L, 5L));
                pipeline.draw(two.withSettings(two.settings().withNoise(noise)), step -> {
                    if (step.index() == 0) {
                        first.add(step.noised().toFloats());
                    }
                });
            }
            int size = 3 * 16 * 32;
            assertArrayEquals(half(first.get(0), 0), half(first.get(0), size)); // a seed each, the same
            assertArrayEquals(half(first.get(0), 0), half(first.get(1), 0)); // whole blocks of 16 numbers
            assertFalse(Arrays.equals(half(first.get(1), 0), half(first.get(1), size))); // one after the other
            assertArrayEquals(half(first.get(2), 0), half(first.get(2), size));
            assertFalse(Arrays.equals(half(first.get(2), 0), half(first.get(0), 0)));
            assertArrayEquals(Tensors.normals(9, 2 * size), first.get(3)); // as they are, not scaled
            // twice as wide as a standard normal: the variance of 1536 draws is within 20 %, four standard errors
            double square = 0;
            for (float value : half(first.get(0), 0)) {
                square += (double) value * value;
            }
            assertEquals(4, square / size, 0.8);
        }
    }

    private static float[] half(float[] both, int from) {
        return Arrays.copyOfRange(both, from, from + both.length / 2);
    }
}
