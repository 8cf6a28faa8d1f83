package mezzotint.kernel.evidence;

import java.util.Arrays;
import mezzotint.kernel.AdamWStep;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.kernel.reference.ReferenceTokens;
import mezzotint.kernel.reference.ReferenceTraining;
import mezzotint.kernel.reference.ReferenceUpdate;
import mezzotint.tensor.DType;

/** Noising, losses and optimizers. */
final class TrainingChecks {
    private TrainingChecks() {}

    static KernelCheck combine(int b, int elements) {
        return new KernelCheck("flow_match combine", "B %d · %d".formatted(b, elements))
                .activation("x", b, elements)
                .activation("z", b, elements)
                .constant("coefficients", b, 3)
                .output(b, elements)
                .forward((k, out, in) -> k.flowMatch().combine(out[0], in[0], in[1], in[2]))
                .backward(
                        (k, grad, gradOut, out, in) -> k.flowMatch().combineBackward(grad[0], grad[1], gradOut, in[2]))
                .definition(in -> new double[][] {ReferenceTokens.combine(in[0], in[1], in[2], b)})
                .roundsOnce();
    }

    static KernelCheck meanSquare(int b, int elements) {
        return new KernelCheck("flow_match mean_square", "B %d · %d".formatted(b, elements))
                .activation("prediction", b, elements)
                .fixedActivation("target", b, elements)
                .output(DType.F32, b)
                .forward((k, out, in) -> k.flowMatch().meanSquare(out[0], in[0], in[1]))
                .backward(
                        (k, grad, gradOut, out, in) -> k.flowMatch().meanSquareBackward(grad[0], gradOut, in[0], in[1]))
                .definition(in -> new double[][] {ReferenceTokens.meanSquare(in[0], in[1], b)})
                .roundsOnce();
    }

    /** The same numbers as on the CPU; the last bits of its logarithm and sine are each library's own. */
    static KernelCheck normal(int n, long first) {
        return new KernelCheck("flow_match normal", "N %d from %d on".formatted(n, first))
                .output(n)
                .forward((k, out, in) -> k.flowMatch().normal(out[0], 5, 6, first))
                .definition(in -> {
                    double[] y = new double[n];
                    Arrays.setAll(y, i -> PhiloxRandom.normalAt(5, 6, first + i));
                    return new double[][] {y};
                })
                .roundsOnce();
    }

    static KernelCheck cosineSimilarity(int n, int d) {
        return new KernelCheck("cosine_similarity", "N %d · D %d".formatted(n, d))
                .activation("x", n, d)
                .activation("y", n, d)
                .output(DType.F32, n)
                .forward((k, out, in) -> k.cosineSimilarity().forward(out[0], in[0], in[1], 1e-8f))
                .backward((k, grad, gradOut, out, in) ->
                        k.cosineSimilarity().backward(grad[0], grad[1], gradOut, in[0], in[1], 1e-8f))
                .definition(in -> new double[][] {ReferenceTraining.cosineSimilarity(in[0], in[1], n, 1e-8f)})
                .roundsOnce();
    }

    static KernelCheck adamW(int n) {
        float[] secondMoments = KernelCheck.normals(3, n);
        for (int i = 0; i < n; i++) {
            secondMoments[i] *= secondMoments[i];
        }
        var step = new AdamWStep(1e-2, 0.9, 0.95, 1e-8, 0.1, 0.5, 3);
        return new KernelCheck("adam_w", "N " + n)
                .fixedActivation("gradient", n)
                .changesWide(KernelCheck.normals(1, n), n)
                .changesWide(KernelCheck.normals(2, n), n)
                .changesWide(secondMoments, n)
                .forward((k, out, in) -> k.update().adamW(out[0], out[1], out[2], in[0], step))
                .definition(in -> ReferenceUpdate.adamW(in[1], in[2], in[3], in[0], step));
    }

    static KernelCheck movingAverage(int n) {
        return new KernelCheck("moving_average", "N " + n)
                .constant("value", n)
                .changesWide(KernelCheck.normals(4, n), n)
                .forward((k, out, in) -> k.update().movingAverage(out[0], in[0], 0.9))
                .definition(in -> new double[][] {ReferenceUpdate.movingAverage(in[1], in[0], 0.9)})
                .types(DType.F32);
    }

    static KernelCheck sumOfSquares(int n) {
        return new KernelCheck("sum_of_squares", "N " + n)
                .fixedActivation("x", n)
                .output(DType.F64, 1)
                .forward((k, out, in) -> k.update().sumOfSquares(out[0], 0, in[0]))
                .definition(in -> new double[][] {{ReferenceUpdate.sumOfSquares(in[0])}})
                .tolerance(1e-12, 1e-12); // float64 sums, in another order
    }

    static KernelCheck muonMomentum(int n, boolean nesterov) {
        return new KernelCheck("muon momentum", "N %d%s".formatted(n, nesterov ? ", Nesterov" : ""))
                .constant("gradient", n)
                .output(n)
                .changesWide(KernelCheck.normals(5, n), n)
                .forward((k, out, in) -> k.muon().momentum(out[0], out[1], in[0], 0.9, nesterov, 0.5))
                .definition(in -> ReferenceTraining.muonMomentum(in[1], in[0], 0.9, nesterov, 0.5))
                .roundsOnce();
    }

    static KernelCheck muonNormalize(int n) {
        return new KernelCheck("muon normalize", "N " + n)
                .fixedActivation("x", n)
                .output(n)
                .output(DType.F64, 1)
                .forward((k, out, in) -> {
                    k.update().sumOfSquares(out[1], 0, in[0]);
                    k.muon().normalize(out[0], in[0], out[1], 0, 0.25);
                })
                .definition(in -> {
                    double sum = ReferenceUpdate.sumOfSquares(in[0]);
                    double norm = Math.sqrt(sum) + 0.25;
                    return new double[][] {PointwiseChecks.each(in[0], x -> x / norm)[0], {sum}};
                })
                .roundsOnce();
    }

    static KernelCheck muonCombine(int n) {
        return new KernelCheck("muon combine", "N " + n)
                .fixedActivation("x", n)
                .fixedActivation("z", n)
                .output(n)
                .forward((k, out, in) -> k.muon().combine(out[0], in[0], in[1], 3.4445f, -4.775f))
                .definition(in -> PointwiseChecks.both(in[0], in[1], (x, z) -> 3.4445f * x + -4.775f * z))
                .roundsOnce();
    }

    static KernelCheck muonStep(int n) {
        return new KernelCheck("muon step", "N " + n)
                .fixedActivation("direction", n)
                .changesWide(KernelCheck.normals(6, n), n)
                .forward((k, out, in) -> k.muon().step(out[0], in[0], 0.02, 3.5, 0.1))
                .definition(in -> PointwiseChecks.both(in[0], in[1], (x, p) -> p * (1 - 0.02 * 0.1) - 0.02 * 3.5 * x));
    }
}
