package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertTrue;

import mezzotint.kernel.cuda.LaunchGrid;
import org.junit.jupiter.api.Test;

/** Races within a warp, within a block and between blocks; what orders accesses, and what does not. */
class RaceChecksTest {
    private static final LaunchGrid WARP = LaunchGrid.of(1, 32);
    private static final LaunchGrid BLOCK = LaunchGrid.of(1, 128);
    private static final String TILE = ".shared .align 4 .b8 tile[512];\n";

    /** Every thread writes its word of shared memory and reads that of another; {@code between} stands in the middle. */
    private static String exchange(String between, int distance, int threads) {
        return PtxText.withOutput(TILE, """
            mov.u32 %%r9, tile;
            shl.b32 %%r1, %%r0, 2;
            add.s32 %%r1, %%r1, %%r9;
            add.s32 %%r2, %%r0, %d;
            and.b32 %%r2, %%r2, %d;
            shl.b32 %%r2, %%r2, 2;
            add.s32 %%r2, %%r2, %%r9;
            st.shared.u32 [%%r1], %%r9;
            bar.sync 0;
            st.shared.u32 [%%r1], %%r0;
            %s
            ld.shared.u32 %%r3, [%%r2];
            """.formatted(distance, threads - 1, between));
    }

    @Test
    void lanesOfAWarpRaceUnlessSomethingOrdersThem() {
        PtxFinding finding = Caught.finding(FindingKind.RACE, exchange("", 1, 32), WARP, "ld.shared");
        assertTrue(finding.detail().contains("read after write"), finding.detail());
        Caught.clean(exchange("bar.warp.sync 0xffffffff;", 1, 32), WARP);
        Caught.clean(exchange("shfl.sync.bfly.b32 %r4, %r0, 1, 31, 0xffffffff;", 1, 32), WARP);
        Caught.clean(exchange("vote.sync.any.pred %p1, %p0, 0xffffffff;", 1, 32), WARP);
        Caught.clean(exchange("bar.sync 0;", 1, 32), WARP);
    }

    @Test
    void aBarrierOfHalfAWarpOrdersThatHalf() {
        String halves = """
            setp.lt.u32 %p1, %r0, 16;
            selp.b32 %r5, 0xffff, 0xffff0000, %p1;
            bar.warp.sync %r5;
            """;
        String within = exchange(halves, 1, 16).replace("and.b32 %r2, %r2, 15;", "xor.b32 %r2, %r0, 1;");
        Caught.clean(within, WARP);
        Caught.finding(FindingKind.RACE, exchange(halves, 16, 32), WARP, "ld.shared");
    }

    @Test
    void threadsOfABlockRaceUnlessABarrierOrdersThem() {
        Caught.clean(exchange("bar.sync 0;", 32, 128), BLOCK);
        Caught.finding(FindingKind.RACE, exchange("bar.warp.sync 0xffffffff;", 32, 128), BLOCK);
        Caught.finding(FindingKind.RACE, exchange("membar.cta;", 32, 128), BLOCK);
    }

    @Test
    void aWriteBehindAReadNeedsABarrierToo() {
        String text = exchange("bar.sync 0;", 32, 128).replace("\nret;", "%s\nst.shared.u32 [%%r1], %%r3;\nret;");
        Caught.clean(text.replace("%s", "bar.sync 0;").replace("%%", "%"), BLOCK);
        String bad = text.replace("%s", "").replace("%%", "%");
        PtxFinding finding = Caught.finding(FindingKind.RACE, bad, BLOCK, "st.shared.u32 [%r1], %r3");
        assertTrue(finding.detail().contains("write after read"), finding.detail());
    }

    private static String sharedStore(String value) {
        return PtxText.withOutput(TILE, "mov.u32 %r9, tile;\nmov.u32 %r5, 7;\nst.shared.u32 [%r9], " + value + ";\n");
    }

    @Test
    void twoThreadsMayWriteTheSameValueButNotDifferentOnes() {
        Caught.clean(sharedStore("%r5"), BLOCK);
        PtxFinding finding = Caught.finding(FindingKind.RACE, sharedStore("%r0"), BLOCK, "st.shared");
        assertTrue(finding.detail().contains("write after write"), finding.detail());
    }

    @Test
    void neighbouringHalvesOfAWordAreApart() {
        String text = """
            shl.b32 %%r1, %%r0, 1;
            mov.u32 %%r9, tile;
            add.s32 %%r1, %%r1, %%r9;
            cvt.u16.u32 %%h1, %%r0;
            st.shared.u16 [%%r1], %%h1;
            %s
            """;
        Caught.clean(PtxText.withOutput(TILE, text.formatted("ld.shared.u16 %h2, [%r1];")), BLOCK);
        String wide = "and.b32 %r2, %r1, 0xfffffffc;\nld.shared.u32 %r3, [%r2];";
        Caught.finding(FindingKind.RACE, PtxText.withOutput(TILE, text.formatted(wide)), BLOCK, "ld.shared.u32");
    }

    private static String blocks(String instructions) {
        return PtxText.withOutput("""
            mov.u32 %r1, %ctaid.x;
            mad.lo.s32 %r2, %r1, 32, %r0;
            mul.wide.u32 %l1, %r2, 4;
            add.s64 %l1, %l0, %l1;
            """ + instructions);
    }

    @Test
    void blocksRaceForGlobalMemory() {
        LaunchGrid grid = LaunchGrid.of(8, 32);
        Caught.clean(blocks("st.global.u32 [%l1], %r2;\nld.global.u32 %r3, [%l1];\n"), grid);
        Caught.finding(FindingKind.RACE, blocks("st.global.u32 [%l0], %r2;\n"), grid);
        String first =
                "setp.eq.u32 %p1, %r1, 7;\nst.global.u32 [%l0+2048], %r1;\n@%p1 ld.global.u32 %r3, [%l0+2048];\n";
        Caught.finding(FindingKind.RACE, blocks(first), grid);
    }

    @Test
    void noBarrierOrdersBlocks() {
        String text = blocks("""
            bar.sync 0;
            membar.gl;
            setp.eq.u32 %p1, %r1, 0;
            @%p1 st.global.u32 [%l0], %r0;
            bar.sync 0;
            setp.eq.u32 %p2, %r1, 7;
            @%p2 ld.global.u32 %r3, [%l0];
            """);
        Caught.finding(FindingKind.RACE, text, LaunchGrid.of(8, 32));
    }

    @Test
    void blocksRaceHoweverTheyAreDealtOut() {
        String text = blocks(
                        "setp.eq.u32 %p1, %r1, 5;\n@%p1 st.global.u32 [%l0+256], %r0;\nld.global.u32 %r3, [%l0+256];\n")
                .replace("%r0;\nld", "%r5;\nld");
        for (int threads = 1; threads <= 3; threads++) {
            try (var bench = new PtxWorkbench(PtxOptions.standard().withThreads(threads))) {
                bench.load(text);
                long out = bench.upload(new float[1024]);
                int count = threads;
                var fault = org.junit.jupiter.api.Assertions.assertThrows(
                        KernelFaultException.class,
                        () -> bench.launch("k", LaunchGrid.of(8, 32), a -> a.wide(out)),
                        () -> "on " + count + " threads");
                org.junit.jupiter.api.Assertions.assertEquals(
                        FindingKind.RACE, fault.finding().kind());
            }
        }
    }

    @Test
    void atomicsDoNotRaceWithEachOther() {
        String text = "atom.global.add.u32 %r4, [%l0], 1;\n";
        LaunchGrid grid = LaunchGrid.of(4, 32);
        try (var bench = new PtxWorkbench()) {
            bench.load(blocks(text));
            long out = bench.upload(new int[4]);
            bench.launch("k", grid, a -> a.wide(out));
            org.junit.jupiter.api.Assertions.assertEquals(128, bench.ints(out, 1)[0]);
            bench.load(blocks(text + "ld.global.u32 %r5, [%l0];\n").replace("entry k(", "entry mixed("));
            var fault = org.junit.jupiter.api.Assertions.assertThrows(
                    KernelFaultException.class, () -> bench.launch("mixed", grid, a -> a.wide(out)));
            org.junit.jupiter.api.Assertions.assertEquals(
                    FindingKind.RACE, fault.finding().kind());
        }
    }

    @Test
    void theReadOnlyPathMustNotSeeWhatTheLaunchWrites() {
        String own = "st.global.u32 [%l1], %r2;\nld.global.nc.u32 %r3, [%l1];\n";
        Caught.finding(FindingKind.STALE_READ, blocks(own), WARP, "ld.global.nc");
        String later = "ld.global.nc.u32 %r3, [%l1];\nst.global.u32 [%l1], %r3;\n";
        try (var bench = new PtxWorkbench()) {
            bench.load(blocks(later));
            bench.load(blocks(later.replace("nc.", "")).replace("entry k(", "entry plain("));
            long out = bench.upload(new float[64]);
            bench.launch("plain", WARP, a -> a.wide(out));
            var fault = org.junit.jupiter.api.Assertions.assertThrows(
                    KernelFaultException.class, () -> bench.launch("k", WARP, a -> a.wide(out)));
            org.junit.jupiter.api.Assertions.assertEquals(
                    FindingKind.STALE_READ, fault.finding().kind());
        }
    }
}
