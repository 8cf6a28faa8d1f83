package mezzotint.training.technique;

import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/**
 * REPA's projector: three linear layers with SiLU between them, h → D → D → D.
 *
 * @see <a href="https://arxiv.org/abs/2410.06940">Yu et al. 2024, §3.2</a>
 */
public final class MlpProjector implements AlignmentProjector {
    private static final String[] LAYERS = {"in_layer", "hidden_layer", "out_layer"};

    private final Parameter[] weights = new Parameter[LAYERS.length];
    private final Parameter[] biases = new Parameter[LAYERS.length];

    /**
     * @param width h of the denoiser
     * @param teacherWidth D
     */
    public MlpProjector(Parameters parameters, int width, int teacherWidth) {
        for (int i = 0; i < LAYERS.length; i++) {
            int in = i == 0 ? width : teacherWidth;
            Parameters layer = parameters.scope(LAYERS[i]);
            weights[i] = layer.add("weight", Initialization.linear(in), teacherWidth, in);
            biases[i] = layer.add("bias", Initialization.linear(in), teacherWidth);
        }
    }

    @Override
    public Tensor project(Tape tape, Tensor features, Grid grid, Optional<int[][]> visible) {
        Tensor x = tape.linear(features, weights[0], biases[0]);
        for (int i = 1; i < LAYERS.length; i++) {
            x = tape.linear(tape.silu(x), weights[i], biases[i]);
        }
        return x;
    }
}
