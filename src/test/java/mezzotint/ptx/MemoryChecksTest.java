package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mezzotint.kernel.cuda.LaunchGrid;
import org.junit.jupiter.api.Test;

/** Bounds, alignment and unwritten memory: a kernel that trips each check, and its twin that does not. */
class MemoryChecksTest {
    private static final LaunchGrid WARP = LaunchGrid.of(1, 32);

    private static String store(int threadBytes, int offset) {
        return PtxText.withOutput("""
            mul.wide.u32 %%l1, %%r0, %d;
            add.s64 %%l1, %%l0, %%l1;
            st.global.u32 [%%l1+%d], %%r0;
            """.formatted(threadBytes, offset));
    }

    @Test
    void aStoreBeyondItsBufferIsFound() {
        Caught.clean(store(4, 4096 - 128), WARP);
        PtxFinding finding = Caught.finding(FindingKind.OUT_OF_BOUNDS, store(4, 4096 - 124), WARP, "st.global");
        assertEquals(31, finding.thread(), "only the last thread leaves it");
        assertTrue(finding.detail().contains("byte 4096 of a span of 4096 bytes"), finding.detail());
    }

    @Test
    void aStoreBeforeItsBufferIsFound() {
        Caught.finding(FindingKind.OUT_OF_BOUNDS, store(4, -4), WARP, "st.global");
    }

    @Test
    void aNullPointerIsFound() {
        String ptx = PtxText.withOutput("mov.u64 %l1, 0;\nst.global.u32 [%l1], %r0;\n");
        Caught.finding(FindingKind.OUT_OF_BOUNDS, ptx, WARP, "st.global");
    }

    @Test
    void memoryThatWasFreedIsFound() {
        try (var bench = new PtxWorkbench()) {
            bench.load(store(4, 0));
            long out = bench.allocate(4096);
            bench.machine().free(out);
            var fault = assertThrows(KernelFaultException.class, () -> bench.launch("k", WARP, a -> a.wide(out)));
            assertEquals(FindingKind.OUT_OF_BOUNDS, fault.finding().kind());
        }
    }

    @Test
    void aMisalignedAddressIsFound() {
        Caught.clean(store(8, 4), WARP);
        Caught.finding(FindingKind.MISALIGNED, store(6, 0), WARP, "st.global");
        String vector = PtxText.withOutput("st.global.v4.u32 [%l0+8], {%r0, %r0, %r0, %r0};\n");
        Caught.finding(FindingKind.MISALIGNED, vector, LaunchGrid.of(1, 1), "st.global.v4");
    }

    @Test
    void theMessageNamesKernelLineBlockAndThread() {
        var fault = assertThrows(
                KernelFaultException.class, () -> Caught.clean(store(4, 4096 - 124), LaunchGrid.of(1, 32)));
        String message = fault.getMessage();
        assertTrue(message.startsWith("k: access out of bounds: "), message);
        assertTrue(message.contains("at PTX line " + PtxText.lineOf(store(4, 1), "st.global")), message);
        assertTrue(message.contains("`st.global.u32 [%l1+3972], %r0;`"), message);
        assertTrue(message.endsWith("block (0, 0, 0), thread 31"), message);
    }

    @Test
    void aReadOfUnwrittenGlobalMemoryIsFound() {
        String text = """
            mul.wide.u32 %%l1, %%r0, 4;
            add.s64 %%l1, %%l0, %%l1;
            %s
            ld.global.u32 %%r1, [%%l1];
            st.global.u32 [%%l1], %%r1;
            """;
        Caught.clean(PtxText.withOutput(text.formatted("st.global.u32 [%l1], %r0;")), WARP);
        Caught.finding(FindingKind.UNWRITTEN, PtxText.withOutput(text.formatted("")), WARP, "ld.global");
    }

    @Test
    void halfAWordThatIsWrittenLeavesTheOtherHalfUnwritten() {
        String text = "st.global.u16 [%l0], %h1;\nld.global.u16 %h2, [%l0+";
        Caught.clean(PtxText.withOutput(text + "0];\n"), LaunchGrid.of(1, 1));
        Caught.finding(FindingKind.UNWRITTEN, PtxText.withOutput(text + "2];\n"), LaunchGrid.of(1, 1), "ld.global");
    }

    @Test
    void whatOneLaunchWroteTheNextMayRead() {
        try (var bench = new PtxWorkbench()) {
            bench.load(store(4, 0));
            bench.load(PtxText.withOutput("ld.global.u32 %r1, [%l0+124];\n").replace("entry k(", "entry reader("));
            long out = bench.allocate(4096);
            assertThrows(KernelFaultException.class, () -> bench.launch("reader", WARP, a -> a.wide(out)));
            bench.launch("k", WARP, a -> a.wide(out));
            bench.launch("reader", WARP, a -> a.wide(out));
            bench.machine().undefine(out, 4096);
            assertThrows(KernelFaultException.class, () -> bench.launch("reader", WARP, a -> a.wide(out)));
        }
    }

    @Test
    void aCopyCarriesAlongWhatIsUnwritten() {
        try (var bench = new PtxWorkbench()) {
            bench.load(PtxText.withOutput("ld.global.u32 %r1, [%l0+4];\n"));
            long from = bench.allocate(64);
            long to = bench.upload(new float[16]);
            bench.machine().copy(bench.machine().newStream(), to + 8, from, 8);
            bench.launch("k", WARP, a -> a.wide(to));
            assertThrows(KernelFaultException.class, () -> bench.launch("k", WARP, a -> a.wide(to + 4)));
        }
    }

    @Test
    void aHostReadOfUnwrittenBytesIsFoundOnRequest() {
        try (var lenient = new PtxWorkbench()) {
            assertEquals(0f, lenient.floats(lenient.allocate(4), 1)[0]);
        }
        try (var strict = new PtxWorkbench(PtxOptions.standard().withHostReads(true))) {
            long written = strict.upload(1f, 2f);
            assertEquals(2f, strict.floats(written, 2)[1]);
            var fault = assertThrows(KernelFaultException.class, () -> strict.floats(strict.allocate(4), 1));
            assertEquals(FindingKind.HOST_READ, fault.finding().kind());
        }
    }

    private static String shared(int load) {
        return PtxText.withOutput(".shared .align 4 .b8 tile[128];\n", """
            shl.b32 %%r1, %%r0, 2;
            mov.u32 %%r2, tile;
            add.s32 %%r1, %%r1, %%r2;
            st.shared.u32 [%%r1], %%r0;
            ld.shared.u32 %%r3, [%%r1+%d];
            """.formatted(load));
    }

    @Test
    void sharedMemoryBeyondWhatWasAskedForIsFound() {
        Caught.clean(shared(0), WARP);
        PtxFinding finding = Caught.finding(FindingKind.OUT_OF_BOUNDS, shared(128), WARP, "ld.shared");
        assertTrue(finding.detail().contains("of 128 bytes of shared memory"), finding.detail());
        String dynamic = shared(0).replace(".shared .align 4 .b8 tile[128];", ".extern .shared .align 16 .b8 tile[];");
        Caught.clean(dynamic, WARP.withShared(128));
        Caught.finding(FindingKind.OUT_OF_BOUNDS, dynamic, WARP.withShared(64), "st.shared");
    }

    @Test
    void unwrittenSharedMemoryIsFoundInEveryBlock() {
        String text = """
            mov.u32 %%r2, tile;
            mov.u32 %%r4, %%ctaid.x;
            setp.%s.u32 %%p1, %%r4, 0;
            @%%p1 st.shared.u32 [%%r2], %%r0;
            ld.shared.u32 %%r3, [%%r2];
            """;
        String variables = ".shared .align 4 .b8 tile[4];\n";
        Caught.clean(PtxText.withOutput(variables, text.formatted("ge")), LaunchGrid.of(2, 1));
        PtxFinding finding = Caught.finding(
                FindingKind.UNWRITTEN,
                PtxText.withOutput(variables, text.formatted("eq")),
                LaunchGrid.of(2, 1),
                "ld.shared");
        assertEquals(1, finding.block(), "what block 0 wrote is gone");
    }

    @Test
    void localMemoryHasBoundsToo() {
        String text = """
            .local .align 8 .b8 depot[16];
            mov.u64 %%l2, depot;
            st.local.u32 [%%l2], %%r0;
            ld.local.u32 %%r3, [%%l2+%d];
            """;
        Caught.clean(PtxText.withOutput(text.formatted(0)), WARP);
        Caught.finding(FindingKind.OUT_OF_BOUNDS, PtxText.withOutput(text.formatted(16)), WARP, "ld.local");
    }

    @Test
    void genericAddressesReachEverySpace() {
        String text = """
            .local .align 8 .b8 depot[16];
            mov.u64 %l2, depot;
            cvta.local.u64 %l3, %l2;
            mov.u64 %l4, tile;
            cvta.shared.u64 %l5, %l4;
            mul.wide.u32 %l6, %r0, 4;
            add.s64 %l5, %l5, %l6;
            add.s64 %l1, %l0, %l6;
            and.b32 %r1, %r0, 1;
            setp.eq.u32 %p1, %r1, 0;
            selp.b64 %l7, %l3, %l5, %p1;
            st.u32 [%l7], %r0;
            ld.u32 %r2, [%l7];
            st.u32 [%l1], %r2;
            isspacep.shared %p2, %l7;
            selp.u32 %r3, 1, 0, %p2;
            st.global.u32 [%l1+128], %r3;
            """;
        try (var bench = new PtxWorkbench()) {
            bench.load(PtxText.withOutput(".shared .align 4 .b8 tile[128];\n", text));
            long out = bench.allocate(256);
            bench.launch("k", WARP, a -> a.wide(out));
            int[] got = bench.ints(out, 64);
            for (int i = 0; i < 32; i++) {
                assertEquals(i, got[i]);
                assertEquals(i & 1, got[32 + i], "odd lanes use shared memory");
            }
        }
    }

    @Test
    void collectedFindingsLetTheKernelGoOn() {
        try (var bench = new PtxWorkbench(PtxOptions.standard().collecting())) {
            bench.load(store(4, 4096 - 124));
            long out = bench.allocate(4096);
            LaunchReport report = bench.launch("k", WARP, a -> a.wide(out));
            assertEquals(1, report.findings().size());
            assertEquals(FindingKind.OUT_OF_BOUNDS, report.findings().getFirst().kind());
            assertEquals(30, bench.ints(out, 1024)[1023], "the other lanes' stores have been done");
        }
    }

    @Test
    void withoutChecksOnlyBoundsAreLookedAt() {
        try (var bench = new PtxWorkbench(PtxOptions.standard().withChecks(false))) {
            bench.load(PtxText.withOutput("ld.global.u32 %r1, [%l0+4];\nst.global.u32 [%l0], %r1;\n"));
            long out = bench.allocate(8);
            bench.launch("k", WARP, a -> a.wide(out));
            assertThrows(KernelFaultException.class, () -> bench.launch("k", WARP, a -> a.wide(out + 4)));
        }
    }
}
