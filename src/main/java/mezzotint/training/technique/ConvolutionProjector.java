package mezzotint.training.technique;

import java.util.Optional;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.kernel.ConvolutionGeometry;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * iREPA's projector: a 3×3 convolution h → D on the grid of tokens.
 *
 * @see <a href="https://arxiv.org/abs/2512.10794">Singh et al. 2025, iREPA, §4</a>
 */
public final class ConvolutionProjector implements AlignmentProjector {
    private static final int KERNEL = 3;

    private final Parameter weight;
    private final Parameter bias;

    /**
     * @param width h of the denoiser
     * @param teacherWidth D
     */
    public ConvolutionProjector(Parameters parameters, int width, int teacherWidth) {
        long fanIn = (long) width * KERNEL * KERNEL;
        weight = parameters.add("weight", Initialization.linear(fanIn), teacherWidth, width, KERNEL, KERNEL);
        bias = parameters.add("bias", Initialization.linear(fanIn), teacherWidth);
    }

    /** @throws ShapeMismatchException when tokens are missing: a convolution needs their neighbours */
    @Override
    public Tensor project(Tape tape, Tensor features, Grid grid, Optional<int[][]> visible) {
        Shape s = features.shape();
        if (visible.isPresent() || s.dim(1) != (long) grid.rows() * grid.columns()) {
            throw new ShapeMismatchException(
                    "convolution projector: %d tokens of a grid of %d × %d; take the attention projector with routing",
                    s.dim(1), grid.rows(), grid.columns());
        }
        Tensor picture = features.view(s.dim(0), grid.rows(), grid.columns(), s.dim(2));
        Tensor y = tape.encoders().convolution(picture, weight, bias, ConvolutionGeometry.padded(1, 1));
        return y.view(s.dim(0), s.dim(1), y.shape().dim(3));
    }
}
