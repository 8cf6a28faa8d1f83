package mezzotint.kernel.evidence;

import java.util.ArrayList;
import java.util.List;
import mezzotint.kernel.evidence.ProductChecks.Layout;
import mezzotint.kernel.evidence.ProductChecks.Types;
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
                NormChecks.rmsNorm(3, 64).misaligned(),
                NormChecks.adaLayerNorm(3, 17, 97),
                NormChecks.adaLayerNorm(2, 65, 136),
                NormChecks.adaLayerNorm(1, 3, 2600),
                NormChecks.rope(1, 2, 3, 13, 14),
                NormChecks.rope(2, 2, 3, 13, 40),
                NormChecks.qkNorm(2, 3, 17, 24, 5, 80, "q"),
                NormChecks.qkNorm(2, 3, 17, 14, 5, 50, "n"),
                NormChecks.qkNorm(2, 3, 17, 32, 8, 112, "r"),
                NormChecks.qkNorm(2, 3, 17, 32, 8, 112, "v"),
                NormChecks.geglu(7, 143),
                NormChecks.geglu(7, 143).misaligned()));
        checks.addAll(elementwise(5));
        checks.addAll(elementwise(1003));
        elementwise(1003).forEach(check -> checks.add(check.misaligned()));
        checks.addAll(List.of(
                PointwiseChecks.gatedResidual(3, 17, 45),
                PointwiseChecks.gatedResidual(2, 33, 136),
                PointwiseChecks.gatedResidual(2, 7, 40).misaligned(),
                PointwiseChecks.sinusoid(3, 33),
                TokenChecks.columns(7, 45, 5, 13),
                TokenChecks.columns(7, 48, 8, 16).misaligned(),
                TokenChecks.concatenate(3, 5, 7, 13),
                TokenChecks.gather(3, 11, 6, 13),
                TokenChecks.embed(5, 40, 45, TokenChecks.Wide.NONE),
                TrainingChecks.combine(3, 1003),
                TrainingChecks.combine(2, 72).misaligned(),
                TrainingChecks.meanSquare(3, 1003),
                TrainingChecks.normal(1003, (1L << 33) + 3),
                TrainingChecks.normal(1003, 8),
                TrainingChecks.normal(64, 4).misaligned(),
                TrainingChecks.cosineSimilarity(19, 77)));
        for (TokenChecks.Wide wide : TokenChecks.Wide.values()) {
            checks.addAll(List.of(
                    TokenChecks.patchify(2, 3, 15, 10, 5, wide),
                    TokenChecks.unpatchify(2, 3, 15, 10, 5, wide),
                    TokenChecks.patchify(1, 3, 34, 51, 17, wide),
                    TokenChecks.unpatchify(1, 3, 34, 51, 17, wide),
                    TokenChecks.embed(53, 7, 45, wide),
                    TokenChecks.embed(21, 5, 72, wide)));
        }
        checks.addAll(products());
        checks.addAll(List.of(
                ProductChecks.attention(new Sizes(2, 2, 37, 13, 37, 32), true),
                ProductChecks.attention(new Sizes(1, 2, 70, 5, 70, 64), true),
                ProductChecks.attention(new Sizes(2, 1, 21, 0, 21, 128), false),
                ProductChecks.attention(new Sizes(1, 1, 19, 7, 0, 64), false),
                ProductChecks.attention(new Sizes(1, 2, 21, 5, 21, 24), true),
                ProductChecks.attention(new Sizes(1, 2, 35, 5, 35, 27), true),
                ProductChecks.attention(new Sizes(1, 1, 35, 5, 35, 51), true),
                ProductChecks.attention(new Sizes(1, 1, 21, 3, 21, 101), true),
                ProductChecks.steepAttention(new Sizes(1, 1, 70, 70, 70, 32)),
                ProductChecks.steepAttention(new Sizes(1, 1, 70, 70, 70, 64)),
                ProductChecks.steepAttention(new Sizes(1, 1, 35, 70, 70, 128)),
                ProductChecks.attention(new Sizes(1, 1, 21, 5, 21, 64), false).misaligned()));
        checks.addAll(EncoderChecks.hard());
        checks.addAll(PictureChecks.hard());
        return checks;
    }

    private static List<KernelCheck> products() {
        List<KernelCheck> checks = new ArrayList<>();
        for (boolean transposeA : new boolean[] {false, true}) {
            for (boolean transposeB : new boolean[] {false, true}) {
                var odd = new Layout(transposeA, transposeB, transposeA, transposeB);
                var even = new Layout(transposeA, transposeB, transposeB, transposeA);
                checks.add(ProductChecks.matmul(37, 45, 51, odd, Types.USUAL));
                checks.add(ProductChecks.matmul(72, 136, 104, even, Types.USUAL));
                checks.add(ProductChecks.matmul(37, 45, 51, even, Types.NARROW));
                checks.add(ProductChecks.matmul(37, 45, 51, even, Types.MIXED));
                checks.add(ProductChecks.matmul(120, 250, 72, odd, Types.USUAL).onOneMultiprocessor());
                checks.add(ProductChecks.matmul(120, 120, 72, even, Types.USUAL).onOneMultiprocessor());
            }
        }
        checks.add(ProductChecks.matmul(16, 24, 1000, new Layout(false, true, true, true), Types.USUAL));
        checks.add(ProductChecks.columnSums(77, 45));
        checks.add(ProductChecks.columnSums(200, 72));
        checks.add(ProductChecks.matmul(40, 40, 40, new Layout(false, true, true, false), Types.USUAL)
                .misaligned());
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
                TokenChecks.columns(128, 1152, 384, 384),
                TokenChecks.concatenate(2, 64, 64, 384),
                TokenChecks.gather(2, 64, 32, 384),
                TrainingChecks.combine(2, 1 << 15),
                TrainingChecks.meanSquare(2, 1 << 15),
                TrainingChecks.normal(1 << 15, 0),
                TrainingChecks.cosineSimilarity(128, 384)));
        for (TokenChecks.Wide wide : TokenChecks.Wide.values()) {
            checks.addAll(List.of(
                    TokenChecks.patchify(2, 3, 64, 64, 8, wide),
                    TokenChecks.unpatchify(2, 3, 64, 64, 8, wide),
                    TokenChecks.patchify(1, 3, 64, 64, 16, wide),
                    TokenChecks.unpatchify(1, 3, 64, 64, 16, wide),
                    TokenChecks.embed(64, 32, 384, wide)));
        }
        var linear = new Layout(false, true, true, false);
        var gradX = new Layout(false, false, false, true);
        var gradWeight = new Layout(true, false, false, true);
        for (Layout how : List.of(linear, gradX, gradWeight)) {
            checks.add(ProductChecks.matmul(128, 384, 384, how, Types.USUAL));
            checks.add(ProductChecks.matmul(128, 256, 128, how, Types.USUAL).onOneMultiprocessor());
            checks.add(ProductChecks.matmul(128, 128, 128, how, Types.USUAL).onOneMultiprocessor());
        }
        checks.addAll(List.of(
                ProductChecks.matmul(128, 384, 384, new Layout(true, true, false, false), Types.USUAL),
                ProductChecks.matmul(128, 384, 384, linear, Types.NARROW),
                ProductChecks.matmul(128, 384, 384, linear, Types.MIXED),
                ProductChecks.columnSums(256, 384),
                ProductChecks.attention(new Sizes(1, 2, 64, 64, 64, 32), true),
                ProductChecks.attention(new Sizes(1, 2, 64, 64, 64, 64), true),
                ProductChecks.attention(new Sizes(1, 1, 64, 64, 64, 128), false),
                ProductChecks.attention(new Sizes(1, 1, 64, 64, 64, 48), false)));
        checks.addAll(EncoderChecks.standard());
        checks.addAll(PictureChecks.standard());
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
