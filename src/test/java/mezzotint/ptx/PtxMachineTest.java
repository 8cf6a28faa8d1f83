package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;
import mezzotint.kernel.cuda.CudaException;
import mezzotint.kernel.cuda.CudaGraph;
import mezzotint.kernel.cuda.CudaStream;
import mezzotint.kernel.cuda.LaunchArguments;
import mezzotint.kernel.cuda.LaunchGrid;
import org.junit.jupiter.api.Test;

/** The machine as a driver: memory, launches that do not fit, graphs, and the ways of running. */
class PtxMachineTest {
    /** out[i] = 2^(i/64) + out[i] for each thread i of the grid. */
    private static final String POWERS = PtxText.withOutput("""
        mov.u32 %r1, %ctaid.x;
        mov.u32 %r2, %ntid.x;
        mad.lo.u32 %r3, %r1, %r2, %r0;
        cvt.rn.f32.u32 %f1, %r3;
        mul.f32 %f1, %f1, 0f3C800000;
        ex2.approx.f32 %f2, %f1;
        mul.wide.u32 %l1, %r3, 4;
        add.s64 %l1, %l0, %l1;
        ld.global.f32 %f3, [%l1];
        add.f32 %f2, %f2, %f3;
        st.global.f32 [%l1], %f2;
        """);

    private static final LaunchGrid GRID = LaunchGrid.of(20, 64);

    private static float[] powers(PtxOptions options) {
        try (var bench = new PtxWorkbench(options)) {
            bench.load(POWERS);
            long out = bench.upload(new float[1280]);
            bench.launch("k", GRID, a -> a.wide(out));
            return bench.floats(out, 1280);
        }
    }

    @Test
    void anyNumberOfThreadsGivesTheSameBitsAndCounts() {
        float[] one = powers(PtxOptions.standard().withThreads(1));
        assertEquals(2f, one[64]);
        for (int threads = 2; threads <= 5; threads++) {
            assertArrayEquals(one, powers(PtxOptions.standard().withThreads(threads)));
        }
        assertArrayEquals(
                one, powers(PtxOptions.standard().shuffled(42)), "nor does the order of blocks and warps matter");
    }

    @Test
    void theFindingOfTheLowestBlockIsReportedOnAnyNumberOfThreads() {
        String text = PtxText.withOutput("""
            mov.u32 %r1, %ctaid.x;
            setp.ge.u32 %p1, %r1, 7;
            @%p1 st.global.u32 [%l0+4096], %r0;
            """);
        for (int threads = 1; threads <= 4; threads++) {
            try (var bench = new PtxWorkbench(PtxOptions.standard().withThreads(threads))) {
                bench.load(text);
                long out = bench.allocate(4096);
                var fault = assertThrows(
                        KernelFaultException.class, () -> bench.launch("k", LaunchGrid.of(40, 32), a -> a.wide(out)));
                assertEquals(7, fault.finding().block());
                assertEquals("(7, 0, 0)", fault.finding().blockIndex());
            }
        }
    }

    @Test
    void perturbedResultsMoveWithinTheirDocumentedErrorAndAlwaysTheSameWay() {
        float[] exact = powers(PtxOptions.standard());
        float[] moved = powers(PtxOptions.standard().perturbed(1));
        assertArrayEquals(moved, powers(PtxOptions.standard().perturbed(1).withThreads(1)));
        assertMostDiffer(exact, moved);
        for (int i = 0; i < exact.length; i++) {
            // ex2.approx: 2⁻²² relative; and a rounding of the result.
            assertEquals(exact[i], moved[i], exact[i] * 0x1.8p-22);
        }
    }

    private static void assertMostDiffer(float[] a, float[] b) {
        int different = 0;
        for (int i = 0; i < a.length; i++) {
            different += a[i] != b[i] ? 1 : 0;
        }
        assertTrue(different > a.length / 2, "only " + different + " results moved");
    }

    private static String refused(String ptx, LaunchGrid grid, Consumer<LaunchArguments> fill) {
        try (var bench = new PtxWorkbench()) {
            bench.load(ptx);
            return assertThrows(CudaException.class, () -> bench.launch("k", grid, fill))
                    .getMessage();
        }
    }

    @Test
    void argumentsMustFitTheKernel() {
        String two = PtxText.module("", ".param .u64 a, .param .u32 n", "");
        LaunchGrid one = LaunchGrid.of(1, 1);
        assertEquals("launch k: the kernel takes 2 arguments, got 1", refused(two, one, a -> a.wide(0)));
        assertEquals(
                "launch k: argument 1 wants 4 bytes, got 8; pass addresses and counts as wide, ints as integer",
                refused(two, one, a -> a.wide(0).wide(3)));
        String record = PtxText.module("", ".param .align 4 .b8 s[20]", "");
        assertTrue(refused(record, one, a -> a.wide(0)).contains("parameter 0 has 20 bytes"));
    }

    @Test
    void gridsMustFitTheKernelAndTheMachine() {
        String bounded = PtxText.withOutput("").replace(")\n{", ")\n.maxntid 64, 1, 1\n{");
        assertEquals(
                "launch k: a block has at most 64 threads (.maxntid), got 65",
                refused(bounded, LaunchGrid.of(1, 65), a -> a.wide(0)));
        String exact = PtxText.withOutput("").replace(")\n{", ")\n.reqntid 64\n{");
        assertTrue(refused(exact, LaunchGrid.of(1, 32), a -> a.wide(0)).contains("exactly 64 threads"));
        String shared = refused(PtxText.withOutput(""), LaunchGrid.of(1, 32).withShared(200_000), a -> a.wide(0));
        assertTrue(shared.contains("at most 166912 bytes of shared memory, got 200000"), shared);
        String huge = refused(PtxText.withOutput(""), LaunchGrid.of(1L << 30, 32), a -> a.wide(0));
        assertTrue(huge.contains("at most 33554430 blocks a launch, got 1073741824"), huge);
    }

    @Test
    void aMissingEntryIsNamedWithThoseThatAreThere() {
        try (var machine = new PtxMachine()) {
            PtxModule module = machine.load("m", POWERS);
            assertEquals(java.util.List.of("k"), module.entries());
            var failure = assertThrows(CudaException.class, () -> module.function("q"));
            assertEquals("m.ptx: no entry q; it has k", failure.getMessage());
        }
    }

    @Test
    void memoryIsMadeOnlyWhereItIsWritten() {
        try (var machine = new PtxMachine()) {
            CudaStream stream = machine.newStream();
            long far = machine.allocate(8L << 30);
            assertEquals(0, far % 256);
            int[] in = {1, 2, 3};
            int[] out = new int[3];
            long end = far + (8L << 30) - 12;
            machine.write(stream, end, MemorySegment.ofArray(in));
            machine.read(stream, MemorySegment.ofArray(out), end);
            assertArrayEquals(in, out);
            assertThrows(CudaException.class, () -> machine.write(stream, end + 4, MemorySegment.ofArray(in)));
        }
    }

    @Test
    void memoryRunsOutWithTheNumbers() {
        try (var machine = new PtxMachine(PtxOptions.standard().withMemory(1000))) {
            long first = machine.allocate(600);
            var failure = assertThrows(OutOfMemoryError.class, () -> machine.allocate(600));
            assertEquals("device memory: 600 bytes wanted, 400 of 1000 free", failure.getMessage());
            machine.free(first);
            machine.allocate(600);
            assertThrows(CudaException.class, () -> machine.free(first));
        }
    }

    @Test
    void spansAreFilledAndCopiedAcrossPages() {
        try (var machine = new PtxMachine()) {
            CudaStream stream = machine.newStream();
            int size = 100_000;
            long a = machine.allocate(size);
            long b = machine.allocate(size);
            machine.fill(stream, a, size, (byte) 3);
            machine.fill(stream, a + 20_000, 30_000, (byte) 5);
            machine.copy(stream, b + 1, a, size - 1);
            byte[] got = new byte[size - 1];
            machine.read(stream, MemorySegment.ofArray(got), b + 1);
            assertEquals(3, got[19_999]);
            assertEquals(5, got[20_000]);
            assertEquals(5, got[49_999]);
            assertEquals(3, got[50_000]);
        }
    }

    @Test
    void aGraphRepeatsWhatWasRecorded() {
        try (var machine = new PtxMachine();
                var arguments = new LaunchArguments()) {
            CudaStream stream = machine.newStream();
            PtxModule module = machine.load("m", POWERS);
            long out = machine.allocate(1280 * 4);
            CudaGraph graph = machine.capture(stream, () -> {
                machine.fill(stream, out, 1280 * 4, (byte) 0);
                for (int i = 0; i < 2; i++) {
                    machine.launch(
                            stream,
                            module.function("k"),
                            GRID,
                            arguments.begin().wide(out));
                }
                assertThrows(CudaException.class, () -> machine.read(stream, MemorySegment.ofArray(new byte[4]), out));
            });
            arguments.begin().wide(0);
            assertEquals(3, graph.size());
            assertTrue(machine.lastReport().isEmpty(), "recording runs nothing");
            for (int i = 0; i < 2; i++) {
                graph.launch(stream);
                float[] got = new float[1280];
                machine.read(stream, MemorySegment.ofArray(got), out);
                assertEquals(4f, got[64]);
            }
        }
    }

    @Test
    void everyLaunchIsToldToTheListener() {
        try (var bench = new PtxWorkbench()) {
            var names = new java.util.ArrayList<String>();
            bench.machine().listen(report -> names.add(report.kernel()));
            bench.load(PtxText.withOutput(""));
            bench.launch("k", GRID, a -> a.wide(0));
            bench.launch("k", GRID, a -> a.wide(0));
            assertEquals(java.util.List.of("k", "k"), names);
        }
    }

    @Test
    void nothingIsLeftInRegistersFromOneBlockToTheNext() {
        // %r50 is read before it is written; a block that saw the one before would count up.
        String text = PtxText.withOutput("""
            mov.u32 %r1, %ctaid.x;
            add.u32 %r50, %r50, 1;
            mul.wide.u32 %l1, %r1, 4;
            add.s64 %l1, %l0, %l1;
            st.global.u32 [%l1], %r50;
            """);
        try (var bench = new PtxWorkbench()) {
            bench.load(text);
            long out = bench.allocate(4 * 16);
            bench.launch("k", LaunchGrid.of(16, 1), a -> a.wide(out));
            int[] ones = new int[16];
            java.util.Arrays.fill(ones, 1);
            assertArrayEquals(ones, bench.ints(out, 16));
        }
    }

    @Test
    void gridsOfThreeDimensions() {
        String text = PtxText.withOutput("""
            mov.u32 %r1, %tid.y;
            mov.u32 %r2, %tid.z;
            mov.u32 %r3, %ntid.x;
            mov.u32 %r4, %ntid.y;
            mad.lo.u32 %r5, %r2, %r4, %r1;
            mad.lo.u32 %r5, %r5, %r3, %r0;
            mov.u32 %r6, %ctaid.y;
            mov.u32 %r7, %ctaid.z;
            mov.u32 %r8, %nctaid.y;
            mad.lo.u32 %r9, %r7, %r8, %r6;
            mad.lo.u32 %r9, %r9, 24, %r5;
            mul.wide.u32 %l1, %r9, 4;
            add.s64 %l1, %l0, %l1;
            st.global.u32 [%l1], %r9;
            """);
        try (var bench = new PtxWorkbench()) {
            bench.load(text);
            long out = bench.allocate(4 * 24 * 6);
            bench.launch("k", new LaunchGrid(1, 3, 2, 4, 3, 2, 0), a -> a.wide(out));
            int[] got = bench.ints(out, 24 * 6);
            for (int i = 0; i < got.length; i++) {
                assertEquals(i, got[i]);
            }
        }
    }
}
