package mezzotint.training;

import java.util.List;
import mezzotint.kernel.Kernels;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * Limits the L2 norm of all gradients together: they are scaled by min(1, maximum/(norm + 10⁻⁶)).
 *
 * @param maximum largest norm, &gt; 0; 0.2 in every PRX run
 * @see <a href="https://arxiv.org/abs/1211.5063">Pascanu et al. 2012, algorithm 1</a>
 */
public record GradientClipping(double maximum) {
    /** @throws IllegalArgumentException when the maximum is not positive */
    public GradientClipping {
        if (!(maximum > 0)) {
            throw new IllegalArgumentException("gradient clipping: expected a norm above 0, got " + maximum);
        }
    }

    /** Keeps gradients as they are. */
    public static final GradientClipping OFF = new GradientClipping(Double.POSITIVE_INFINITY);

    /** The factor for gradients whose norm is {@code norm}. */
    public double factor(double norm) {
        return Math.min(1.0, maximum / (norm + 1e-6));
    }

    /** L2 norm of all {@code gradients} together, summed in float64 in their order. */
    public static double norm(Kernels kernels, TensorArena scratch, List<Tensor> gradients) {
        long mark = scratch.mark();
        Tensor squares = scratch.allocate(Shape.of(gradients.size()), DType.F64);
        for (int i = 0; i < gradients.size(); i++) {
            kernels.update().sumOfSquares(squares, i, gradients.get(i));
        }
        double[] host = new double[gradients.size()];
        squares.read(java.lang.foreign.MemorySegment.ofArray(host));
        scratch.release(mark);
        double sum = 0;
        for (double square : host) {
            sum += square;
        }
        return Math.sqrt(sum);
    }
}
