package mezzotint.prx;

import java.util.ArrayList;
import java.util.List;
import mezzotint.autograd.Tape;
import mezzotint.nn.MlpEmbedder;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * Height and width of the denoised tensor as two tokens before the prompt's.
 *
 * <p>They depend on the picture and not on the prompt, so they join the prompt's keys and values in the forward pass.
 */
final class ResolutionTokens {
    private static final int WIDTH = 128;
    private static final int COUNT = 2;

    private final MlpEmbedder height;
    private final MlpEmbedder width;
    private final float maxPeriod;

    ResolutionTokens(PrxConfig config, Parameters parameters) {
        height = new MlpEmbedder(parameters.scope("h_embedder"), WIDTH, config.hiddenSize());
        width = new MlpEmbedder(parameters.scope("w_embedder"), WIDTH, config.hiddenSize());
        maxPeriod = config.timeMaxPeriod();
    }

    /** The prompts with the tokens of a batch of {@code shape} (B, C, height, width) before theirs. */
    PrxText before(Tape tape, PrxText text, List<PrxBlock> blocks, Shape shape) {
        Tensor tokens = tape.concatenate(
                token(tape, height, shape.size(0), shape.dim(2)), token(tape, width, shape.size(0), shape.dim(3)));
        List<Tensor> keys = new ArrayList<>();
        List<Tensor> values = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            PrxBlock.TextKeysValues own = blocks.get(i).text(tape, tokens);
            keys.add(joined(tape, own.keys(), text.keys().get(i)));
            values.add(joined(tape, own.values(), text.values().get(i)));
        }
        return new PrxText(
                tape.concatenate(tokens, text.projected()),
                keys,
                values,
                text.mask().map(mask -> extended(tape, mask)));
    }

    /** (B, 1, D). */
    private Tensor token(Tape tape, MlpEmbedder embedder, int batch, float side) {
        float[] sides = new float[batch];
        java.util.Arrays.fill(sides, side);
        Tensor embedded = embedder.forward(tape, tape.sinusoid(tape.constant(sides, batch), WIDTH, 1f, maxPeriod));
        return embedded.view(batch, 1, embedded.shape().dim(1));
    }

    /** (B, H, 2, d) before (B, H, T, d), head by head. */
    private static Tensor joined(Tape tape, Tensor tokens, Tensor text) {
        Shape s = text.shape();
        long heads = s.dim(0) * s.dim(1);
        Tensor all = tape.concatenate(tokens.view(heads, COUNT, s.dim(3)), text.view(heads, s.dim(2), s.dim(3)));
        return all.view(s.dim(0), s.dim(1), COUNT + s.dim(2), s.dim(3));
    }

    private static Tensor extended(Tape tape, Tensor mask) {
        long batch = mask.shape().dim(0);
        long length = mask.shape().dim(1);
        Tensor all = tape.allocate(Shape.of(batch, COUNT + length), mask.dtype());
        for (long b = 0; b < batch; b++) {
            Tensor row = all.rows(b, b + 1).view(COUNT + length);
            row.rows(0, COUNT).set(true, true);
            row.rows(COUNT, COUNT + length).copyFrom(mask.rows(b, b + 1).view(length));
        }
        return all;
    }
}
