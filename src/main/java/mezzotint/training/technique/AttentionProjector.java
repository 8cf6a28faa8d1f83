package mezzotint.training.technique;

import java.util.Optional;
import java.util.stream.IntStream;
import mezzotint.autograd.HeadLayout;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.AttentionInputs;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig.RopeAxes;
import mezzotint.prx.RotaryGrid;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * PRX's projector for iREPA: one attention among the tokens, turned by row and column, without mask or residual, then
 * h → D.
 */
public final class AttentionProjector implements AlignmentProjector {
    private static final int HEADS = 4;
    private static final double THETA = 10_000;

    private final int headWidth;
    private final Layer query;
    private final Layer key;
    private final Layer value;
    private final Layer out;
    private final Layer last;

    private record Layer(Parameter weight, Parameter bias) {
        static Layer of(Parameters parameters, String name, int in, int out) {
            Parameters scope = parameters.scope(name);
            return new Layer(
                    scope.add("weight", Initialization.linear(in), out, in),
                    scope.add("bias", Initialization.linear(in), out));
        }

        Tensor of(Tape tape, Tensor x) {
            return tape.linear(x, weight, bias);
        }
    }

    /**
     * @param width h of the denoiser, a multiple of 16: of four heads, turned by two axes, in pairs
     * @param teacherWidth D
     * @throws ShapeMismatchException when the width does not suit
     */
    public AttentionProjector(Parameters parameters, int width, int teacherWidth) {
        if (width % (4 * HEADS) != 0) {
            throw new ShapeMismatchException(
                    "attention projector: width %d, expected a multiple of %d for %d heads", width, 4 * HEADS, HEADS);
        }
        headWidth = width / HEADS;
        query = Layer.of(parameters, "q_proj", width, width);
        key = Layer.of(parameters, "k_proj", width, width);
        value = Layer.of(parameters, "v_proj", width, width);
        out = Layer.of(parameters, "out_proj", width, width);
        last = Layer.of(parameters, "output", width, teacherWidth);
    }

    @Override
    public Tensor project(Tape tape, Tensor features, Grid grid, Optional<int[][]> visible) {
        HeadLayout layout = new HeadLayout(0, HEADS, headWidth);
        int[][] tokens = visible.orElseGet(() ->
                new int[][] {IntStream.range(0, grid.rows() * grid.columns()).toArray()});
        var axes = new RotaryGrid.Axes(new RopeAxes(headWidth / 2, headWidth / 2), THETA);
        Tensor table = RotaryGrid.table(tape, axes, grid.columns(), tokens);
        Tensor q = tape.rope(tape.heads(query.of(tape, features), layout), table);
        Tensor k = tape.rope(tape.heads(key.of(tape, features), layout), table);
        Tensor v = tape.heads(value.of(tape, features), layout);
        float scale = (float) (1 / Math.sqrt(headWidth));
        Tensor attended = tape.attention(new AttentionInputs(q, null, null, k, v, null, scale));
        return last.of(tape, out.of(tape, attended));
    }
}
