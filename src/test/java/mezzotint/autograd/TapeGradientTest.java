package mezzotint.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import mezzotint.kernel.AttentionInputs;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Tensors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which gradient goes into which slot, for every operation and for the ways they are put together. */
class TapeGradientTest {
    // float32 values near 1 over a step of 0.02 leave about 1e-5, the five-point rule 1e-6; a wrong wire is off by
    // about 1.
    private static final double TOLERANCE = 1e-3;

    private static Map<String, Supplier<TapeBench>> operations() {
        Map<String, Supplier<TapeBench>> all = new LinkedHashMap<>();
        all.put(
                "linear",
                () -> bench((t, in, p) -> t.linear(in[0], p[0])).input(2, 3, 5).parameter(4, 5));
        all.put(
                "linear with bias",
                () -> bench((t, in, p) -> t.linear(in[0], p[0], p[1]))
                        .input(3, 5)
                        .parameter(4, 5)
                        .parameter(4));
        all.put(
                "weightedSum",
                () -> bench((t, in, p) -> t.weightedSum(in[0], t.constant(Tensors.normals(9, 6), 6)))
                        .input(6));
        all.put("attention over text and image", () -> attention(null));
        all.put("attention with a mask", () -> attention(new boolean[] {true, false, true, false, true, true}));
        all.put(
                "attention without text",
                () -> bench((t, in, p) -> t.attention(new AttentionInputs(in[0], null, null, in[1], in[2], null, 0.5f)))
                        .input(2, 2, 3, 4)
                        .input(2, 2, 5, 4)
                        .input(2, 2, 5, 4));
        all.put(
                "heads",
                () -> bench((t, in, p) -> t.heads(in[0], new HeadLayout(3, 2, 4)))
                        .input(2, 3, 12));
        all.put(
                "normalised heads",
                () -> bench((t, in, p) -> t.heads(in[0], new HeadLayout(3, 2, 4), p[0], 1e-6f))
                        .input(2, 3, 12)
                        .parameter(4));
        all.put(
                "rotated heads",
                () -> bench((t, in, p) -> t.heads(in[0], new HeadLayout(3, 2, 4), p[0], table(t, 3, 2), 1e-6f))
                        .input(2, 3, 12)
                        .parameter(4));
        all.put("rope", () -> bench((t, in, p) -> t.rope(in[0], table(t, 3, 2))).input(2, 2, 3, 4));
        all.put(
                "adaLayerNorm",
                () -> bench((t, in, p) -> t.adaLayerNorm(in[0], in[1], in[2], 1e-6f))
                        .input(2, 3, 7)
                        .input(2, 7)
                        .input(2, 7));
        all.put(
                "rmsNorm",
                () -> bench((t, in, p) -> t.rmsNorm(in[0], p[0], 1e-6f))
                        .input(2, 3, 7)
                        .parameter(7));
        all.put(
                "geglu",
                () -> bench((t, in, p) -> t.geglu(in[0], in[1])).input(2, 3, 5).input(2, 3, 5));
        all.put("silu", () -> bench((t, in, p) -> t.silu(in[0])).input(3, 5));
        all.put("gelu", () -> bench((t, in, p) -> t.gelu(in[0])).input(3, 5));
        all.put(
                "add",
                () -> bench((t, in, p) -> t.add(in[0], in[1])).input(3, 5).input(3, 5));
        all.put("scale", () -> bench((t, in, p) -> t.scale(in[0], -2.5f)).input(3, 5));
        all.put(
                "gatedResidual",
                () -> bench((t, in, p) -> t.gatedResidual(in[0], in[1], in[2]))
                        .input(2, 3, 5)
                        .input(2, 5)
                        .input(2, 3, 5));
        all.put(
                "chunk",
                () -> bench((t, in, p) -> {
                            Tensor[] parts = t.chunk(in[0], 3);
                            return t.geglu(parts[2], t.add(parts[0], parts[0]));
                        })
                        .input(2, 12));
        all.put("patchify", () -> bench((t, in, p) -> t.patchify(in[0], 2)).input(2, 3, 4, 6));
        all.put(
                "unpatchify",
                () -> bench((t, in, p) -> t.unpatchify(in[0], Shape.of(2, 3, 4, 6), 2))
                        .input(2, 6, 12));
        all.put(
                "concatenate",
                () -> bench((t, in, p) -> t.concatenate(in[0], in[1]))
                        .input(2, 3, 4)
                        .input(2, 2, 4));
        all.put(
                "gather",
                () -> bench((t, in, p) -> t.gather(in[0], index(t, 2, 2, 3, 0, 1, 1)))
                        .input(2, 4, 3));
        all.put(
                "scatter",
                () -> bench((t, in, p) -> t.scatter(in[0], index(t, 2, 2, 3, 0, 1, 2), 5))
                        .input(2, 2, 3));
        all.put(
                "embed",
                () -> bench((t, in, p) -> t.embed(p[0], index(t, 2, 3, 1, 1, 0, 4, 1, 2)))
                        .parameter(5, 3));
        all.put(
                "combine",
                () -> bench((t, in, p) ->
                                t.combine(in[0], in[1], t.constant(new float[] {1, -2, 0.5f, 3, 0.25f, 2}, 2, 3)))
                        .input(2, 3, 4)
                        .input(2, 3, 4));
        all.put(
                "meanSquare",
                () -> bench((t, in, p) -> t.meanSquare(in[0], t.constant(Tensors.normals(8, 24), 2, 3, 4)))
                        .input(2, 3, 4));
        return all;
    }

    private static Map<String, Supplier<TapeBench>> arrangements() {
        Map<String, Supplier<TapeBench>> all = new LinkedHashMap<>();
        all.put(
                "a tensor used twice by one operation",
                () -> bench((t, in, p) -> t.geglu(in[0], in[0])).input(3, 5));
        all.put(
                "geglu whose gate has a gradient already",
                () -> bench((t, in, p) -> t.add(t.geglu(in[0], in[1]), in[0]))
                        .input(3, 5)
                        .input(3, 5));

        all.put(
                "query, keys and values are one tensor",
                () -> bench((t, in, p) ->
                                t.attention(new AttentionInputs(in[0], in[0], in[0], in[0], in[0], null, 0.5f)))
                        .input(1, 2, 3, 4));
        all.put(
                "a product writes a gradient first, another adds",
                () -> bench((t, in, p) -> t.add(t.linear(in[0], p[0]), t.linear(in[0], p[1])))
                        .input(3, 5)
                        .parameter(4, 5)
                        .parameter(4, 5));
        all.put(
                "a product adds to what another operation wrote",
                () -> bench((t, in, p) -> t.add(t.linear(in[0], p[0]), t.silu(in[0])))
                        .input(3, 5)
                        .parameter(5, 5));
        all.put(
                "a product comes first and something else adds",
                () -> bench((t, in, p) -> t.add(t.silu(in[0]), t.linear(in[0], p[0])))
                        .input(3, 5)
                        .parameter(5, 5));
        all.put(
                "one weight in two products",
                () -> bench((t, in, p) -> t.linear(t.silu(t.linear(in[0], p[0], p[1])), p[0], p[1]))
                        .input(3, 5)
                        .parameter(5, 5)
                        .parameter(5));
        all.put(
                "a view of all",
                () -> bench((t, in, p) -> t.linear(t.silu(in[0].view(10, 3)), p[0]))
                        .input(2, 3, 5)
                        .parameter(4, 3));
        all.put(
                "a product of a view of all",
                () -> bench((t, in, p) -> t.linear(in[0].view(10, 3), p[0]))
                        .input(2, 3, 5)
                        .parameter(4, 3));
        all.put(
                "rows of a tensor, crossed",
                () -> bench((t, in, p) -> t.geglu(in[0].rows(2, 4), in[0].rows(0, 2)))
                        .input(4, 5));
        all.put(
                "a product of some rows only",
                () -> bench((t, in, p) -> t.linear(in[0].rows(1, 3), p[0]))
                        .input(4, 5)
                        .parameter(2, 5));
        all.put(
                "rows of a result",
                () -> bench((t, in, p) -> {
                            Tensor y = t.linear(in[0], p[0]);
                            return t.add(t.scale(y.rows(0, 2), 3), y.rows(2, 4));
                        })
                        .input(4, 5)
                        .parameter(2, 5));
        all.put(
                "a chunk that nobody uses",
                () -> bench((t, in, p) -> t.silu(t.chunk(in[0], 3)[1])).input(2, 12));
        all.put(
                "a result that nobody uses",
                () -> bench((t, in, p) -> {
                            t.linear(t.silu(in[0]), p[0]);
                            return t.silu(in[0]);
                        })
                        .input(2, 5)
                        .parameter(3, 5));
        all.put(
                "attention over heads of one projection",
                () -> bench((t, in, p) -> {
                            Tensor x = t.linear(in[0], p[0]);
                            return t.attention(new AttentionInputs(
                                    t.heads(x, new HeadLayout(0, 2, 4), p[1], table(t, 3, 2), 1e-6f),
                                    null,
                                    null,
                                    t.heads(x, new HeadLayout(8, 2, 4), p[1], 1e-6f),
                                    t.heads(x, new HeadLayout(16, 2, 4)),
                                    null,
                                    0.5f));
                        })
                        .input(2, 3, 5)
                        .parameter(24, 5)
                        .parameter(4));
        return all;
    }

    private static TapeBench bench(TapeBench.Body body) {
        return new TapeBench(body);
    }

    private static TapeBench attention(boolean[] mask) {
        return bench((t, in, p) -> t.attention(new AttentionInputs(
                        in[0],
                        in[1],
                        in[2],
                        in[3],
                        in[4],
                        mask == null
                                ? null
                                : t.allocate(Shape.of(2, 3), DType.BOOL).set(mask),
                        0.5f)))
                .input(2, 2, 4, 4)
                .input(2, 2, 3, 4)
                .input(2, 2, 3, 4)
                .input(2, 2, 4, 4)
                .input(2, 2, 4, 4);
    }

    private static Tensor table(Tape tape, int length, int pairs) {
        float[] table = new float[length * pairs * 2];
        for (int i = 0; i < table.length; i += 2) {
            table[i] = (float) Math.cos(0.7 * i);
            table[i + 1] = (float) Math.sin(0.7 * i);
        }
        return tape.constant(table, 1, length, pairs, 2);
    }

    private static Tensor index(Tape tape, int b, int r, int... values) {
        return tape.allocate(Shape.of(b, r), DType.I32).set(java.util.Arrays.copyOf(values, b * r));
    }

    @TestFactory
    Stream<DynamicTest> everyGradientIsTheSlope() {
        return Stream.concat(operations().entrySet().stream(), arrangements().entrySet().stream())
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    try (TapeBench bench = entry.getValue().get()) {
                        assertSlopes(bench);
                    }
                }));
    }

    static void assertSlopes(TapeBench bench) {
        float[][] gradients = bench.allGradients();
        for (int which = 0; which < gradients.length; which++) {
            assertSlope(bench, which, gradients[which]);
        }
    }

    private static void assertSlope(TapeBench bench, int which, float[] gradient) {
        for (int seed = 0; seed < 3; seed++) {
            float[] direction = Tensors.normals(400 + seed, gradient.length);
            double along = 0;
            double square = 0;
            for (int i = 0; i < gradient.length; i++) {
                along += (double) gradient[i] * direction[i];
                square += (double) gradient[i] * gradient[i];
            }
            double slope = bench.slope(which, direction);
            // Along a random direction a slope is about the gradient's length.
            assertTrue(
                    Math.abs(along - slope) <= TOLERANCE * Math.sqrt(square),
                    "number %d: gradient says %g, slope is %g".formatted(which, along, slope));
        }
    }

    /** Each input on its own gets the bits it gets among all, so that nothing depends on who else wants a gradient. */
    @TestFactory
    Stream<DynamicTest> aGradientDoesNotDependOnTheOthersWanted() {
        return operations().entrySet().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.getKey(), () -> {
                    try (TapeBench bench = entry.getValue().get()) {
                        assertIndependent(bench);
                    }
                }));
    }

    static void assertIndependent(TapeBench bench) {
        float[][] all = bench.allGradients();
        for (int only = -1; only < bench.inputs(); only++) {
            boolean[] watched = new boolean[bench.inputs()];
            if (only >= 0) {
                watched[only] = true;
            }
            float[][] some = bench.gradients(watched);
            for (int i = 0; i < all.length; i++) {
                if (i == only || i >= bench.inputs()) {
                    assertArrayEquals(all[i], some[i], "number " + i + " with only " + only + " watched");
                }
            }
        }
    }

    @Test
    void parametersSumTheirGradientsOverSteps() {
        try (TapeBench bench = bench((t, in, p) -> t.silu(in[0]));
                Tensors tensors = new Tensors(1 << 20)) {
            Parameter weight = Parameter.trainable("w", tensors.normal(1, 2, 3), tensors.of(new float[6], 2, 3));
            float[] once = null;
            for (int step = 0; step < 2; step++) {
                try (Tape tape = Tape.recording(bench.device.kernels(), bench.activations, bench.gradients)) {
                    Tensor y = tape.linear(tape.constant(new float[] {1, 2, 3}, 1, 3), weight);
                    tape.backward(tape.weightedSum(y, tape.constant(new float[] {1, 10}, 2)));
                }
                once = step == 0 ? weight.gradient().orElseThrow().toFloats() : once;
            }
            assertArrayEquals(new float[] {1, 2, 3, 10, 20, 30}, once);
            assertArrayEquals(
                    new float[] {2, 4, 6, 20, 40, 60},
                    weight.gradient().orElseThrow().toFloats());
        }
    }

    @Test
    void whatNeedsNoGradientCostsNothing() {
        try (TapeBench bench = bench((t, in, p) -> t.silu(in[0]));
                Tensors tensors = new Tensors(1 << 20)) {
            Parameter frozen = Parameter.frozen("w", tensors.normal(1, 8, 8));
            try (Tape tape = Tape.recording(bench.device.kernels(), bench.activations, bench.gradients)) {
                Tensor x = tape.constant(Tensors.normals(1, 64), 8, 8);
                Tensor y = tape.silu(tape.linear(tape.add(x, x), frozen));
                tape.backward(y, x);
                assertEquals(0, bench.gradients.peak());
                var none = assertThrows(IllegalArgumentException.class, () -> tape.gradient(y));
                assertEquals(
                        "gradient: Tensor(8, 8) F32 neither comes from a trainable parameter nor was watched on this"
                                + " tape",
                        none.getMessage());
            }
        }
    }

    @Test
    void theInputOfTheFirstProductGetsNoSlot() {
        try (TapeBench bench = bench((t, in, p) -> t.silu(in[0]));
                Tensors tensors = new Tensors(1 << 20)) {
            Parameter weight =
                    Parameter.trainable("w", tensors.normal(1, 1, 4096), tensors.of(new float[4096], 1, 4096));
            try (Tape tape = Tape.recording(bench.device.kernels(), bench.activations, bench.gradients)) {
                tape.backward(tape.linear(tape.constant(new float[4096], 1, 4096), weight));
                assertTrue(bench.gradients.peak() <= 64, () -> bench.gradients.peak() + " bytes"); // that of the loss
            }
        }
    }

    @Test
    void gradientOfSomethingNobodyUsedIsZero() {
        try (TapeBench bench = bench((t, in, p) -> t.silu(in[0]));
                Tape tape = Tape.recording(bench.device.kernels(), bench.activations, bench.gradients)) {
            Tensor x = tape.watch(tape.constant(new float[] {1, 2}, 2));
            Tensor other = tape.watch(tape.constant(new float[] {3}, 1));
            tape.backward(tape.silu(other));
            assertArrayEquals(new float[2], tape.gradient(x).toFloats());
        }
    }

    @Test
    void noGradientFlowsThroughDetach() {
        try (TapeBench bench = bench((t, in, p) -> t.silu(in[0]));
                Tape tape = Tape.recording(bench.device.kernels(), bench.activations, bench.gradients)) {
            Tensor x = tape.watch(tape.constant(new float[] {1.5f}, 1));
            tape.backward(tape.add(tape.scale(x, 3), tape.scale(tape.detach(x), 100)));
            assertArrayEquals(new float[] {3}, tape.gradient(x).toFloats());
        }
    }
}
