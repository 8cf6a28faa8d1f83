package mezzotint.kernel.evidence;

import java.util.ArrayList;
import java.util.List;
import mezzotint.kernel.evidence.ProductChecks.Layout;
import mezzotint.kernel.reference.ReferenceAttention.Sizes;
import mezzotint.tensor.DType;

/** The checks of all shipped kernels. */
public final class ShippedChecks {
    private ShippedChecks() {}

    /** Small shapes that fit nothing: odd widths, tails, rows that are not aligned, masks, several samples. */
    public static List<KernelCheck> hard() {
        List<KernelCheck> checks = new ArrayList<>(List.of(
                NormChecks.rmsNorm(1, 3),
                NormChecks.rmsNorm(37, 129),
                NormChecks.rmsNorm(5, 1032),
                NormChecks.adaLayerNorm(3, 17, 97),
                NormChecks.adaLayerNorm(2, 65, 136),
                NormChecks.rope(1, 2, 3, 13, 14),
                NormChecks.rope(2, 2, 3, 13, 40),
                NormChecks.qkNorm(2, 3, 17, 24, 5, 80, "q"),
                NormChecks.qkNorm(2, 3, 17, 14, 5, 50, "n"),
                NormChecks.qkNorm(2, 3, 17, 32, 8, 112, "r"),
                NormChecks.qkNorm(2, 3, 17, 32, 8, 112, "v"),
                NormChecks.geglu(7, 143)));
        for (int n : new int[] {1, 1003}) {
            checks.addAll(elementwise(n));
        }
        checks.addAll(List.of(
                PointwiseChecks.gatedResidual(3, 17, 45),
                PointwiseChecks.gatedResidual(2, 33, 136),
                PointwiseChecks.sinusoid(3, 33),
                TokenChecks.patchify(2, 3, 15, 10, 5),
                TokenChecks.unpatchify(2, 3, 15, 10, 5),
                TokenChecks.columns(7, 45, 5, 13),
                TokenChecks.concatenate(3, 5, 7, 13),
                TokenChecks.gather(3, 11, 6, 13),
                TokenChecks.embed(53, 7, 45),
                TrainingChecks.combine(3, 1003),
                TrainingChecks.meanSquare(3, 1003),
                TrainingChecks.normal(1003),
                TrainingChecks.cosineSimilarity(19, 77)));
        for (boolean transposeA : new boolean[] {false, true}) {
            for (boolean transposeB : new boolean[] {false, true}) {
                checks.add(ProductChecks.matmul(
                        37, 45, 51, new Layout(transposeA, transposeB, transposeA, transposeB)));
                checks.add(ProductChecks.matmul(
                        72, 136, 104, new Layout(transposeA, transposeB, transposeB, transposeA)));
            }
        }
        checks.addAll(List.of(
                ProductChecks.columnSums(77, 45),
                ProductChecks.attention(new Sizes(2, 2, 37, 13, 37, 32), true),
                ProductChecks.attention(new Sizes(1, 2, 70, 5, 70, 64), true),
                ProductChecks.attention(new Sizes(2, 1, 21, 0, 21, 128), false),
                ProductChecks.attention(new Sizes(1, 1, 19, 7, 0, 64), false)));
        return checks;
    }

    /** The model's own shapes, scaled down in rows: aligned, and wide enough for the traffic to be that of a real run. */
    public static List<KernelCheck> standard() {
        List<KernelCheck> checks = new ArrayList<>(List.of(
                NormChecks.rmsNorm(256, 384),
                NormChecks.adaLayerNorm(2, 128, 384),
                NormChecks.rope(1, 1, 6, 64, 64),
                NormChecks.qkNorm(1, 6, 64, 64, 384, 1152, "q"),
                NormChecks.qkNorm(1, 6, 64, 64, 768, 1152, "v"),
                NormChecks.geglu(64, 1344)));
        checks.addAll(elementwise(1 << 16));
        checks.addAll(List.of(
                PointwiseChecks.gatedResidual(2, 128, 384),
                PointwiseChecks.sinusoid(64, 256),
                TokenChecks.patchify(2, 3, 64, 64, 8),
                TokenChecks.unpatchify(2, 3, 64, 64, 8),
                TokenChecks.columns(128, 1152, 384, 384),
                TokenChecks.concatenate(2, 64, 64, 384),
                TokenChecks.gather(2, 64, 32, 384),
                TokenChecks.embed(64, 32, 384),
                TrainingChecks.combine(2, 1 << 15),
                TrainingChecks.meanSquare(2, 1 << 15),
                TrainingChecks.normal(1 << 15),
                TrainingChecks.cosineSimilarity(128, 384),
                ProductChecks.matmul(128, 384, 384, new Layout(false, true, true, false)),
                ProductChecks.matmul(128, 384, 384, new Layout(false, false, false, true)),
                ProductChecks.matmul(384, 384, 128, new Layout(true, false, false, true)),
                ProductChecks.columnSums(256, 384),
                ProductChecks.attention(new Sizes(1, 2, 64, 64, 64, 32), true),
                ProductChecks.attention(new Sizes(1, 2, 64, 64, 64, 64), true),
                ProductChecks.attention(new Sizes(1, 1, 64, 64, 64, 128), false)));
        return checks;
    }

    private static List<KernelCheck> elementwise(int n) {
        return List.of(
                PointwiseChecks.silu(n),
                PointwiseChecks.gelu(n),
                PointwiseChecks.add(n),
                PointwiseChecks.addScaled(n),
                PointwiseChecks.scale(n),
                PointwiseChecks.fill(n),
                PointwiseChecks.cast(n, DType.F32),
                PointwiseChecks.cast(n, DType.BF16),
                TrainingChecks.adamW(n),
                TrainingChecks.movingAverage(n),
                TrainingChecks.sumOfSquares(n),
                TrainingChecks.muonMomentum(n, true),
                TrainingChecks.muonMomentum(n, false),
                TrainingChecks.muonNormalize(n),
                TrainingChecks.muonCombine(n),
                TrainingChecks.muonStep(n));
    }
}
