package mezzotint.kernel.evidence;

import mezzotint.kernel.PhiloxRandom;
import mezzotint.kernel.reference.ReferenceTokens;
import mezzotint.tensor.DType;

/** Movements of tokens: exact in every type, and their backwards add. */
final class TokenChecks {
    private TokenChecks() {}

    /** Which of the two tensors of a movement is F32 when T is BF16. */
    enum Wide {
        NONE,
        INPUT,
        OUTPUT
    }

    private static KernelCheck moved(KernelCheck check, Wide wide, String name, long[] input, long[] output) {
        if (wide == Wide.INPUT) {
            check.parameter(name, input);
        } else {
            check.activation(name, input);
        }
        return wide == Wide.OUTPUT ? check.output(DType.F32, output) : check.output(output);
    }

    private static String words(Wide wide) {
        return switch (wide) {
            case NONE -> "";
            case INPUT -> ", from F32";
            case OUTPUT -> ", to F32";
        };
    }

    /** Into tokens, with the way back as the slope. */
    static KernelCheck patchify(int b, int colours, int height, int width, int patch, Wide wide) {
        long[] tokens = {b, (long) (height / patch) * (width / patch), (long) colours * patch * patch};
        long[] image = {b, colours, height, width};
        String shape = pictures(b, colours, height, width, patch) + words(wide);
        return moved(new KernelCheck("patchify", shape), wide, "image", image, tokens)
                .forward((k, out, in) -> k.tokens().patchify(out[0], in[0], patch, false))
                .backward((k, grad, gradOut, out, in) -> k.tokens().unpatchify(grad[0], gradOut, patch, true))
                .definition(in -> new double[][] {ReferenceTokens.patchify(in[0], b, colours, height, width, patch)})
                .roundsOnce();
    }

    /** Into a picture, with the way back as the slope. */
    static KernelCheck unpatchify(int b, int colours, int height, int width, int patch, Wide wide) {
        long[] tokens = {b, (long) (height / patch) * (width / patch), (long) colours * patch * patch};
        long[] image = {b, colours, height, width};
        int[] order = ReferenceTokens.patchOrder(b, colours, height, width, patch);
        String shape = pictures(b, colours, height, width, patch) + words(wide);
        return moved(new KernelCheck("unpatchify", shape), wide, "tokens", tokens, image)
                .forward((k, out, in) -> k.tokens().unpatchify(out[0], in[0], patch, false))
                .backward((k, grad, gradOut, out, in) -> k.tokens().patchify(grad[0], gradOut, patch, true))
                .definition(in -> {
                    double[] picture = new double[order.length];
                    for (int i = 0; i < order.length; i++) {
                        picture[order[i]] = in[0][i];
                    }
                    return new double[][] {picture};
                })
                .roundsOnce();
    }

    private static String pictures(int b, int colours, int height, int width, int patch) {
        return "B %d · C %d · %d × %d · P %d".formatted(b, colours, height, width, patch);
    }

    static KernelCheck columns(int n, int stride, int column, int width) {
        return new KernelCheck(
                        "slice_columns", "N %d, columns %d…%d of %d".formatted(n, column, column + width, stride))
                .activation("x", n, stride)
                .output(n, width)
                .forward((k, out, in) -> k.tokens().sliceColumns(out[0], in[0], column))
                .backward((k, grad, gradOut, out, in) -> k.tokens().addColumns(grad[0], gradOut, column))
                .definition(in -> new double[][] {ReferenceTokens.sliceColumns(in[0], n, stride, column, width)})
                .roundsOnce();
    }

    static KernelCheck concatenate(int b, int a, int e, int d) {
        return new KernelCheck("concatenate", "B %d · A %d · E %d · D %d".formatted(b, a, e, d))
                .activation("a", b, a, d)
                .activation("e", b, e, d)
                .output(b, (long) a + e, d)
                .forward((k, out, in) -> k.tokens().concatenate(out[0], in[0], in[1]))
                .backward((k, grad, gradOut, out, in) -> k.tokens().concatenateBackward(grad[0], grad[1], gradOut))
                .definition(in -> new double[][] {ReferenceTokens.concatenate(in[0], in[1], b, a, e, d)})
                .roundsOnce();
    }

    static KernelCheck gather(int b, int l, int r, int d) {
        float[] index = new float[b * r];
        for (int i = 0; i < index.length; i++) {
            index[i] = (l - 1 - i % r + i / r) % l; // distinct within a sample
        }
        return new KernelCheck("gather", "B %d · %d of %d rows · D %d".formatted(b, r, l, d))
                .activation("x", b, l, d)
                .constant("index", DType.I32, index, b, r)
                .output(b, r, d)
                .forward((k, out, in) -> k.tokens().gather(out[0], in[0], in[1]))
                .backward((k, grad, gradOut, out, in) -> k.tokens().scatterAdd(grad[0], gradOut, in[1]))
                .definition(in -> new double[][] {ReferenceTokens.gather(in[0], in[1], b, l, r, d)})
                .roundsOnce();
    }

    static KernelCheck embed(int n, int entries, int d, Wide wide) {
        var random = new PhiloxRandom(n);
        float[] index = new float[n];
        for (int i = 0; i < n; i++) {
            index[i] = random.below(entries);
        }
        String shape = "N %d of %d entries · D %d%s".formatted(n, entries, d, words(wide));
        return moved(new KernelCheck("embed", shape), wide, "table", new long[] {entries, d}, new long[] {n, d})
                .constant("index", DType.I32, index, n)
                .forward((k, out, in) -> k.tokens().embed(out[0], in[0], in[1]))
                .backward((k, grad, gradOut, out, in) -> k.tokens().embedBackward(grad[0], gradOut, in[1]))
                .definition(in -> new double[][] {ReferenceTokens.gather(in[0], in[1], 1, entries, n, d)})
                .roundsOnce();
    }
}
