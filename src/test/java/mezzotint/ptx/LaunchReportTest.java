package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mezzotint.kernel.cuda.LaunchGrid;
import org.junit.jupiter.api.Test;

/** Counts of kernels that can be counted by hand. */
class LaunchReportTest {
    private static final LaunchGrid WARP = LaunchGrid.of(1, 32);

    private static LaunchReport run(String variables, String body, LaunchGrid grid) {
        try (var bench = new PtxWorkbench()) {
            bench.load(PtxText.withOutput(variables, body));
            long out = bench.upload(new float[4096]);
            return bench.launch("k", grid, a -> a.wide(out));
        }
    }

    @Test
    void instructionsAndOperationsAreCounted() {
        String body = """
            setp.lt.u32 %p1, %r0, 10;
            fma.rn.f32 %f1, %f1, %f1, %f1;
            @%p1 add.f32 %f1, %f1, %f1;
            mul.f32 %f2, %f1, %f1;
            ex2.approx.f32 %f2, %f2;
            fma.rn.bf16x2 %r1, %r1, %r1, %r1;
            """;
        LaunchReport report = run("", body, LaunchGrid.of(3, 64));
        int warps = 6;
        assertEquals(3, report.blocks());
        // Two moves and parameters of the preamble, six here, one return.
        assertEquals(9 * warps, report.warpInstructionCount());
        assertEquals(3 * warps, report.warpInstructions(InstructionClass.FLOAT32));
        assertEquals(3 * (2 * 64 + 10), report.threadInstructions().get(InstructionClass.FLOAT32));
        assertEquals(warps, report.warpInstructions(InstructionClass.SPECIAL));
        assertEquals(3 * (2 * 64 + 10 + 64 + 4 * 64), report.flops());
    }

    private static MemoryTraffic globalLoad(String address, String load) {
        String body = "mul.wide.u32 %l1, %r0, " + address + ";\nadd.s64 %l1, %l0, %l1;\n" + load + "\n";
        return run("", body, WARP).globalLoad();
    }

    @Test
    void sectorsOfGlobalMemory() {
        assertEquals(new MemoryTraffic(128, 4, 4), globalLoad("4", "ld.global.u32 %r1, [%l1];"));
        assertEquals(new MemoryTraffic(512, 16, 16), globalLoad("16", "ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%l1];"));
        assertEquals(new MemoryTraffic(64, 2, 2), globalLoad("2", "ld.global.u16 %h1, [%l1];"));
        assertEquals(
                new MemoryTraffic(128, 32, 4), globalLoad("32", "ld.global.u32 %r1, [%l1];"), "a sector for each lane");
        assertEquals(new MemoryTraffic(128, 8, 4), globalLoad("8", "ld.global.u32 %r1, [%l1];"), "every other word");
        assertEquals(new MemoryTraffic(128, 5, 4), globalLoad("4", "ld.global.u32 %r1, [%l1+4];"), "one word late");
        assertEquals(new MemoryTraffic(128, 1, 1), globalLoad("0", "ld.global.u32 %r1, [%l1];"), "all the same word");
    }

    @Test
    void storesAreCountedApart() {
        LaunchReport report =
                run("", "mul.wide.u32 %l1, %r0, 8;\nadd.s64 %l1, %l0, %l1;\nst.global.u32 [%l1], %r0;\n", WARP);
        assertEquals(MemoryTraffic.NONE, report.globalLoad());
        assertEquals(new MemoryTraffic(128, 8, 4), report.globalStore());
        assertEquals(2.0, report.globalStore().excess());
        assertEquals(256, report.globalStore().bytesMoved());
    }

    private static MemoryTraffic shared(int stride, String instruction) {
        String body = "mov.u32 %r9, tile;\nmad.lo.u32 %r8, %r0, " + stride + ", %r9;\n" + instruction + "\n";
        return run(".shared .align 16 .b8 tile[8192];\n", body, WARP).shared();
    }

    @Test
    void wavefrontsOfSharedMemory() {
        String word = "st.shared.u32 [%r8], %r0;";
        assertEquals(new MemoryTraffic(128, 1, 1), shared(4, word));
        assertEquals(new MemoryTraffic(128, 2, 1), shared(8, word), "two words a bank");
        assertEquals(new MemoryTraffic(128, 32, 1), shared(128, word), "all in one bank");
        assertEquals(new MemoryTraffic(128, 1, 1), shared(132, word), "a row padded by one word");
        String half = "st.shared.u16 [%r8], %h1;";
        assertEquals(new MemoryTraffic(64, 1, 1), shared(2, half), "two halves of one word are one word");
        String two = "st.shared.v2.u32 [%r8], {%r0, %r0};";
        assertEquals(new MemoryTraffic(256, 2, 2), shared(8, two));
        String four = "st.shared.v4.u32 [%r8], {%r0, %r0, %r0, %r0};";
        assertEquals(new MemoryTraffic(512, 4, 4), shared(16, four));
        assertEquals(new MemoryTraffic(512, 8, 4), shared(32, four), "a quarter of a warp spans two rows of banks");
    }

    @Test
    void aBroadcastOfSixteenBytesIsOneWavefront() {
        String body = """
            mov.u32 %r9, tile;
            setp.eq.u32 %p1, %r0, 0;
            @%p1 st.shared.v4.u32 [%r9], {%r0, %r0, %r0, %r0};
            bar.warp.sync -1;
            ld.shared.v4.u32 {%r1, %r2, %r3, %r4}, [%r9];
            """;
        LaunchReport report = run(".shared .align 16 .b8 tile[16];\n", body, WARP);
        assertEquals(new MemoryTraffic(16 + 512, 2, 2), report.shared());
    }

    @Test
    void barriersDivergencesAndSharedBytes() {
        String body = """
            mov.u32 %r9, tile;
            bar.sync 0;
            setp.lt.u32 %p1, %r0, 40;
            @%p1 bra HERE;
            add.u32 %r1, %r0, 1;
            HERE:
            bar.sync 0;
            """;
        LaunchReport report = run(".shared .align 16 .b8 tile[48];\n", body, LaunchGrid.of(5, 64));
        assertEquals(10, report.barriers());
        assertEquals(5, report.divergences(), "lanes part in the second warp of each block only");
        assertEquals(48, report.sharedBytes());
    }

    @Test
    void hotSpotsNameTheirLines() {
        String body = "add.u32 %r1, %r0, 1;\nst.global.u32 [%l0], 5;\n";
        LaunchReport report = run("", body, WARP);
        LineCost store = report.hotSpots().stream()
                .filter(cost -> cost.instruction().startsWith("st.global"))
                .findFirst()
                .orElseThrow();
        assertEquals(PtxText.lineOf(PtxText.withOutput(body), "st.global"), store.line());
        assertEquals(32, store.threads());
        assertEquals(new MemoryTraffic(128, 1, 1), store.traffic());
    }

    @Test
    void reportsAddUp() {
        LaunchReport one = run("", "add.f32 %f1, %f1, %f1;\nst.global.u32 [%l0], 5;\n", WARP);
        LaunchReport both = one.plus(one);
        assertEquals(2 * one.flops(), both.flops());
        assertEquals(2 * one.warpInstructionCount(), both.warpInstructionCount());
        assertEquals(2, both.globalStore().transactions());
        assertEquals("k", both.kernel());
        assertTrue(both.hotSpots().isEmpty());
    }
}
