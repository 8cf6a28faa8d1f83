package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class MatmulPlanTest {
    private static final CudaLimits H100 = new CudaLimits(132, 90, 227 << 10);
    private static final CudaLimits RTX_3060 = new CudaLimits(28, 86, 99 << 10);
    private static final CudaLimits SMALL = new CudaLimits(1, 80, 48 << 10);

    @Property(tries = 300)
    void coversTheDepthWithSlicesOfWhichNoneIsEmpty(
            @ForAll @IntRange(min = 1, max = 5000) int m,
            @ForAll @IntRange(min = 1, max = 5000) int n,
            @ForAll @IntRange(min = 1, max = 70_000) int k) {
        for (List<MatmulTile> tiles : everyChoice()) {
            for (CudaLimits limits : List.of(H100, RTX_3060, SMALL)) {
                MatmulPlan plan = MatmulPlan.fastestOn(limits).choose(tiles, m, n, k);
                assertTrue(tiles.contains(plan.tile()));
                assertTrue((long) plan.slices() * plan.depth() >= k, plan + " leaves some of the depth");
                assertTrue((plan.slices() - 1L) * plan.depth() < k, plan + " has an empty slice");
                assertEquals(0, plan.depth() % MatmulPlan.STEP);
                assertTrue(plan.tile().sharedBytes() <= limits.sharedBytesPerBlock(), plan + " does not fit");
                assertTrue(plan.slices() == 1 || plan.sliceBytes(m, n) <= 256 << 20, plan + " wants too much scratch");
                assertEquals(plan, MatmulPlan.fastestOn(limits).choose(tiles, m, n, k), "bits would not repeat");
            }
        }
    }

    @Property(tries = 300)
    void takesNoLongerOnMoreMultiprocessors(
            @ForAll @IntRange(min = 1, max = 5000) int m,
            @ForAll @IntRange(min = 1, max = 5000) int n,
            @ForAll @IntRange(min = 1, max = 70_000) int k,
            @ForAll @IntRange(min = 1, max = 200) int multiprocessors) {
        for (List<MatmulTile> tiles : everyChoice()) {
            assertTrue(cycles(tiles, m, n, k, multiprocessors + 1) <= cycles(tiles, m, n, k, multiprocessors));
        }
    }

    private static double cycles(List<MatmulTile> tiles, int m, int n, int k, int multiprocessors) {
        var limits = new CudaLimits(multiprocessors, 90, 227 << 10);
        return MatmulPlan.fastestOn(limits).choose(tiles, m, n, k).cycles(m, n, k, multiprocessors);
    }

    @Example
    void givesLargeProductsTheLargestTile() {
        assertEquals(
                new MatmulPlan(MatmulTile.BF16_128X256, 1, 4096),
                onH100(MatmulTile.ofBFloat16(false), 4096, 4096, 4096));
        assertEquals(new MatmulPlan(MatmulTile.F32_128X128, 1, 4096), onH100(MatmulTile.ofFloat32(), 4096, 4096, 4096));
    }

    @Example
    void givesSmallProductsTheSmallestTile() {
        assertEquals(
                new MatmulPlan(MatmulTile.BF16_64X64, 1, 384), onH100(MatmulTile.ofBFloat16(false), 512, 384, 384));
        assertEquals(new MatmulPlan(MatmulTile.F32_64X64, 1, 384), onH100(MatmulTile.ofFloat32(), 512, 384, 384));
    }

    /** A weight's gradient: few tiles, and 65,536 tokens deep. */
    @Example
    void cutsTheDepthOfWeightGradients() {
        for (var tiles : List.of(MatmulTile.ofBFloat16(false), MatmulTile.ofFloat32())) {
            MatmulPlan plan = onH100(tiles, 384, 1344, 65_536);
            long blocks = plan.slices() * plan.tile().count(384, 1344);
            assertTrue(blocks >= H100.multiprocessors(), () -> plan + " leaves multiprocessors idle");
        }
    }

    @Example
    void cutsNothingWhereTilesAreMany() {
        assertEquals(1, onH100(MatmulTile.ofFloat32(), 65_536, 1344, 384).slices());
        assertEquals(1, onH100(MatmulTile.ofBFloat16(false), 65_536, 1344, 384).slices());
    }

    @Example
    void leavesATileThatDoesNotFitTheDevice() {
        MatmulPlan plan = MatmulPlan.fastestOn(SMALL).choose(MatmulTile.ofBFloat16(false), 4096, 4096, 4096);
        assertEquals(MatmulTile.BF16_128X128, plan.tile());
    }

    @Example
    void offersOnlyKernelsThatAreShipped() throws IOException {
        try (var in = MatmulPlan.class.getResourceAsStream("/mezzotint/cuda/matmul.ptx")) {
            assertNotNull(in);
            String ptx = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (boolean transposeA : List.of(false, true)) {
                for (boolean transposeB : List.of(false, true)) {
                    for (var tiles : List.of(
                            MatmulTile.ofBFloat16(transposeA && transposeB),
                            MatmulTile.ofFloat32(),
                            MatmulTile.ofMixed())) {
                        for (MatmulTile tile : tiles) {
                            String entry = tile.entry(transposeA, transposeB);
                            assertTrue(ptx.contains(".entry " + entry + "("), () -> "no kernel " + entry);
                        }
                    }
                }
            }
        }
    }

    private static List<List<MatmulTile>> everyChoice() {
        return List.of(
                MatmulTile.ofBFloat16(false),
                MatmulTile.ofBFloat16(true),
                MatmulTile.ofFloat32(),
                MatmulTile.ofMixed());
    }

    private static MatmulPlan onH100(List<MatmulTile> tiles, int m, int n, int k) {
        return MatmulPlan.fastestOn(H100).choose(tiles, m, n, k);
    }
}
