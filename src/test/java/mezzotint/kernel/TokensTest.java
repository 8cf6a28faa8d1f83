package mezzotint.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import mezzotint.kernel.reference.ReferenceTokens;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Devices;
import mezzotint.testing.KernelCase;
import mezzotint.testing.Tensors;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Movements are exact: an output may differ from its definition by nothing, a gradient by the differences' own error. */
final class TokensTest {
    private static final double EXACT = 0;
    private static final double SLOPE = 1e-6;

    /** One rounding to bf16: half a unit in the last of eight bits. */
    private static final double ROUNDED = 0x1p-8;

    @Property(tries = 8)
    void patchifyIsItsDefinitionAndUnpatchifyItsSlope(
            @ForAll @IntRange(min = 1, max = 3) int b,
            @ForAll @IntRange(min = 1, max = 4) int colours,
            @ForAll @IntRange(min = 1, max = 3) int down,
            @ForAll @IntRange(min = 1, max = 3) int across,
            @ForAll @IntRange(min = 1, max = 5) int patch) {
        int height = down * patch;
        int width = across * patch;
        patches(b, colours, height, width, patch);
    }

    @Example
    void patchifiesAtTheModelsSizes() {
        patches(2, 3, 64, 64, 8);
        patches(1, 3, 64, 32, 32);
        patches(2, 3, 32, 80, 16);
    }

    /** Latents have many colours and patches of one or two; a block of the kernels holds 64 columns and 64 lines. */
    @Example
    void patchifiesLatents() {
        patches(1, 66, 3, 67, 1);
        patches(2, 16, 6, 132, 2);
        patches(1, 7, 15, 75, 15);
    }

    @Property(tries = 8)
    void patchifiesAndCastsAtOnce(
            @ForAll @IntRange(min = 1, max = 3) int b,
            @ForAll @IntRange(min = 1, max = 4) int colours,
            @ForAll @IntRange(min = 1, max = 3) int down,
            @ForAll @IntRange(min = 1, max = 3) int across,
            @ForAll @IntRange(min = 1, max = 20) int patch) {
        int height = down * patch;
        int width = across * patch;
        Shape tokens = Shape.of(b, (long) down * across, (long) colours * patch * patch);
        try (var tensors = new Tensors()) {
            // a picture of float32 beside tokens of bf16, then the other way round
            for (boolean wideTokens : new boolean[] {false, true}) {
                Tensor image = tensors.normal(1, b, colours, height, width);
                KernelCase mixed = new KernelCase(tensors)
                        .outputs(tokens)
                        .forward((k, out, in) -> k.tokens().patchify(out[0], in[0], patch, false))
                        .backward((k, grad, gradOut, out, in) -> {
                            if (grad[0] != null) {
                                k.tokens().unpatchify(grad[0], gradOut, patch, true);
                            }
                        })
                        .reference(in ->
                                new double[][] {ReferenceTokens.patchify(in[0], b, colours, height, width, patch)})
                        .tolerance(EXACT, SLOPE)
                        .coordinates(8);
                if (wideTokens) {
                    mixed.input("image", image)
                            .wideOutput()
                            .alsoInBFloat16(EXACT, ROUNDED)
                            .verify();
                } else {
                    mixed.parameter("image", image)
                            .alsoInBFloat16(ROUNDED, SLOPE)
                            .verify();
                }
            }
        }
    }

    private static void patches(int b, int colours, int height, int width, int patch) {
        Shape tokens = Shape.of(b, (long) (height / patch) * (width / patch), (long) colours * patch * patch);
        Shape image = Shape.of(b, colours, height, width);
        int[] order = ReferenceTokens.patchOrder(b, colours, height, width, patch);
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("image", tensors.normal(1, image.dims()))
                    .outputs(tokens)
                    .forward((k, out, in) -> k.tokens().patchify(out[0], in[0], patch, false))
                    .backward((k, grad, gradOut, out, in) -> {
                        if (grad[0] != null) {
                            k.tokens().unpatchify(grad[0], gradOut, patch, true);
                        }
                    })
                    .reference(in -> new double[][] {ReferenceTokens.patchify(in[0], b, colours, height, width, patch)})
                    .tolerance(EXACT, SLOPE)
                    .alsoInBFloat16(EXACT, SLOPE)
                    .coordinates(8)
                    .verify();
            new KernelCase(tensors)
                    .input("tokens", tensors.normal(2, tokens.dims()))
                    .outputs(image)
                    .forward((k, out, in) -> k.tokens().unpatchify(out[0], in[0], patch, false))
                    .backward((k, grad, gradOut, out, in) -> {
                        if (grad[0] != null) {
                            k.tokens().patchify(grad[0], gradOut, patch, true);
                        }
                    })
                    .reference(in -> {
                        double[] pixels = new double[order.length];
                        for (int i = 0; i < order.length; i++) {
                            pixels[order[i]] = in[0][i];
                        }
                        return new double[][] {pixels};
                    })
                    .tolerance(EXACT, SLOPE)
                    .alsoInBFloat16(EXACT, SLOPE)
                    .coordinates(8)
                    .verify();
        }
    }

    @Example
    void aTokenHoldsColoursThenRowsThenColumns() {
        float[] image = {0, 1, 2, 3, 10, 11, 12, 13, 100, 101, 102, 103, 110, 111, 112, 113};
        float[] tokens = {0, 1, 10, 11, 100, 101, 110, 111, 2, 3, 12, 13, 102, 103, 112, 113};
        try (var tensors = new Tensors()) {
            for (Devices.Setup setup : Devices.all()) {
                Tensor y = tensors.output(1, 2, 8).tensor();
                setup.kernels().tokens().patchify(y, tensors.of(image, 1, 2, 2, 4), 2, false);
                assertArrayEquals(tokens, y.toFloats(), setup.name());
            }
        }
    }

    @Property(tries = 8)
    void slicesColumnsAndAddsThemBack(
            @ForAll @IntRange(min = 1, max = 9) int n,
            @ForAll @IntRange(min = 1, max = 70) int width,
            @ForAll @IntRange(min = 0, max = 20) int column,
            @ForAll @IntRange(min = 0, max = 20) int rest) {
        int stride = column + width + rest;
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("x", tensors.normal(3, n, stride))
                    .outputs(Shape.of(n, width))
                    .forward((k, out, in) -> k.tokens().sliceColumns(out[0], in[0], column))
                    .backward((k, grad, gradOut, out, in) -> {
                        if (grad[0] != null) {
                            k.tokens().addColumns(grad[0], gradOut, column);
                        }
                    })
                    .reference(in -> new double[][] {ReferenceTokens.sliceColumns(in[0], n, stride, column, width)})
                    .tolerance(EXACT, SLOPE)
                    .alsoInBFloat16(EXACT, SLOPE)
                    .verify();
        }
    }

    @Property(tries = 8)
    void concatenatesAlongTheTokens(
            @ForAll @IntRange(min = 1, max = 4) int b,
            @ForAll @IntRange(min = 1, max = 6) int a,
            @ForAll @IntRange(min = 1, max = 6) int e,
            @ForAll @IntRange(min = 1, max = 40) int d) {
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("a", tensors.normal(4, b, a, d))
                    .input("e", tensors.normal(5, b, e, d))
                    .outputs(Shape.of(b, a + e, d))
                    .forward((k, out, in) -> k.tokens().concatenate(out[0], in[0], in[1]))
                    .backward((k, grad, gradOut, out, in) -> k.tokens().concatenateBackward(grad[0], grad[1], gradOut))
                    .reference(in -> new double[][] {ReferenceTokens.concatenate(in[0], in[1], b, a, e, d)})
                    .tolerance(EXACT, SLOPE)
                    .alsoInBFloat16(EXACT, SLOPE)
                    .verify();
        }
    }

    @Property(tries = 8)
    void gathersRowsAndScattersThemBack(
            @ForAll @IntRange(min = 1, max = 4) int b,
            @ForAll @IntRange(min = 1, max = 9) int l,
            @ForAll @IntRange(min = 1, max = 40) int d,
            @ForAll @IntRange(min = 1, max = 9) int wanted) {
        int r = Math.min(wanted, l);
        int[] index = new int[b * r];
        for (int i = 0; i < index.length; i++) {
            // distinct within a sample: a rotation of 0 … L − 1, backwards
            index[i] = (l - 1 - i % r + i / r) % l;
        }
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("x", tensors.normal(6, b, l, d))
                    .constant("index", tensors.of(index, b, r), doubles(index))
                    .outputs(Shape.of(b, r, d))
                    .forward((k, out, in) -> k.tokens().gather(out[0], in[0], in[1]))
                    .backward((k, grad, gradOut, out, in) -> {
                        if (grad[0] != null) {
                            k.tokens().scatterAdd(grad[0], gradOut, in[1]);
                        }
                    })
                    .reference(in -> new double[][] {ReferenceTokens.gather(in[0], in[1], b, l, r, d)})
                    .tolerance(EXACT, SLOPE)
                    .alsoInBFloat16(EXACT, SLOPE)
                    .verify();
        }
    }

    @Property(tries = 8)
    void embedsAndSumsRowsThatRepeat(
            @ForAll @IntRange(min = 1, max = 30) int n,
            @ForAll @IntRange(min = 1, max = 60) int entries,
            @ForAll @IntRange(min = 1, max = 150) int d) {
        embeds(n, entries, d);
    }

    /** The second has a table longer than the batch; both have more rows than one look at the indices takes. */
    @Example
    void embedsManyRows() {
        embeds(300, 7, 16);
        embeds(290, 400, 12);
    }

    private static void embeds(int n, int entries, int d) {
        int[] index = new int[n];
        var random = new PhiloxRandom(n);
        for (int i = 0; i < n; i++) {
            index[i] = random.below(entries);
        }
        try (var tensors = new Tensors()) {
            new KernelCase(tensors)
                    .input("table", tensors.normal(7, entries, d))
                    .constant("index", tensors.of(index, n), doubles(index))
                    .outputs(Shape.of(n, d))
                    .forward((k, out, in) -> k.tokens().embed(out[0], in[0], in[1]))
                    .backward((k, grad, gradOut, out, in) -> k.tokens().embedBackward(grad[0], gradOut, in[1]))
                    .reference(in -> new double[][] {ReferenceTokens.gather(in[0], in[1], 1, entries, n, d)})
                    .tolerance(EXACT, SLOPE)
                    // a gradient is a sum of many rows, rounded once
                    .alsoInBFloat16(EXACT, 0x1.02p-8)
                    .verify();
            new KernelCase(tensors)
                    .parameter("table", tensors.normal(7, entries, d))
                    .constant("index", tensors.of(index, n), doubles(index))
                    .outputs(Shape.of(n, d))
                    .forward((k, out, in) -> k.tokens().embed(out[0], in[0], in[1]))
                    .backward((k, grad, gradOut, out, in) -> k.tokens().embedBackward(grad[0], gradOut, in[1]))
                    .reference(in -> new double[][] {ReferenceTokens.gather(in[0], in[1], 1, entries, n, d)})
                    .tolerance(EXACT, SLOPE)
                    .alsoInBFloat16(ROUNDED, SLOPE)
                    .verify();
        }
    }

    private static double[] doubles(int[] values) {
        return Arrays.stream(values).asDoubleStream().toArray();
    }
}
