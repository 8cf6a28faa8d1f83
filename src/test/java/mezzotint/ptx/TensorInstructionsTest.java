package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import mezzotint.kernel.cuda.LaunchGrid;
import org.junit.jupiter.api.Test;

/** {@code mma.sync}, {@code ldmatrix} and {@code cp.async}. */
class TensorInstructionsTest {
    private static final LaunchGrid WARP = LaunchGrid.of(1, 32);
    private static final String TILE = ".shared .align 128 .b8 tile[1024];\n";

    private static short brain(float x) {
        return (short) (Float.floatToRawIntBits(x) >>> 16);
    }

    private static float value(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The elements that a lane holds are those of the PTX manual's figures, element by element. */
    @Test
    void aProductOfFragmentsIsTheMatrixProduct() {
        var random = new Random(7);
        float[][] a = new float[16][16];
        float[][] b = new float[16][8];
        float[][] c = new float[16][8];
        for (int i = 0; i < 16; i++) {
            for (int k = 0; k < 16; k++) {
                a[i][k] = value(brain(random.nextFloat() - 0.5f));
            }
            for (int j = 0; j < 8; j++) {
                b[i][j] = value(brain(random.nextFloat() - 0.5f));
                c[i][j] = random.nextFloat();
            }
        }
        float[] out = product(fragments(a, b, c));
        for (int lane = 0; lane < 32; lane++) {
            for (int q = 0; q < 4; q++) {
                int row = lane / 4 + 8 * (q / 2);
                int column = 2 * (lane % 4) + q % 2;
                double sum = c[row][column];
                for (int k = 0; k < 16; k++) {
                    sum += (double) a[row][k] * b[k][column];
                }
                assertEquals(sum, out[lane * 12 + q], 1e-5, "row %d, column %d".formatted(row, column));
            }
        }
    }

    private static int[] fragments(float[][] a, float[][] b, float[][] c) {
        int[] in = new int[32 * 12];
        for (int lane = 0; lane < 32; lane++) {
            int g = lane / 4;
            int t = lane % 4;
            int at = lane * 12;
            in[at] = pair(a[g][2 * t], a[g][2 * t + 1]);
            in[at + 1] = pair(a[g + 8][2 * t], a[g + 8][2 * t + 1]);
            in[at + 2] = pair(a[g][2 * t + 8], a[g][2 * t + 9]);
            in[at + 3] = pair(a[g + 8][2 * t + 8], a[g + 8][2 * t + 9]);
            in[at + 4] = pair(b[2 * t][g], b[2 * t + 1][g]);
            in[at + 5] = pair(b[2 * t + 8][g], b[2 * t + 9][g]);
            in[at + 8] = Float.floatToRawIntBits(c[g][2 * t]);
            in[at + 9] = Float.floatToRawIntBits(c[g][2 * t + 1]);
            in[at + 10] = Float.floatToRawIntBits(c[g + 8][2 * t]);
            in[at + 11] = Float.floatToRawIntBits(c[g + 8][2 * t + 1]);
        }
        return in;
    }

    private static int pair(float low, float high) {
        return brain(low) & 0xffff | brain(high) << 16;
    }

    private static float[] product(int[] in) {
        String body = """
            mul.wide.u32 %l1, %r0, 48;
            add.s64 %l1, %l0, %l1;
            ld.global.v4.u32 {%r1, %r2, %r3, %r4}, [%l1];
            ld.global.v2.u32 {%r5, %r6}, [%l1+16];
            ld.global.v4.f32 {%f1, %f2, %f3, %f4}, [%l1+32];
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f5, %f6, %f7, %f8}, {%r1, %r2, %r3, %r4}, {%r5, %r6}, {%f1, %f2, %f3, %f4};
            st.global.v4.f32 [%l1], {%f5, %f6, %f7, %f8};
            """;
        try (var bench = new PtxWorkbench()) {
            bench.load(PtxText.withOutput(body));
            long memory = bench.upload(in);
            LaunchReport report = bench.launch("k", WARP, x -> x.wide(memory));
            assertEquals(2 * 16 * 8 * 16, report.flops());
            return bench.floats(memory, in.length);
        }
    }

    private static String matrices(String suffix) {
        return PtxText.withOutput(TILE, """
            mul.wide.u32 %%l1, %%r0, 16;
            add.s64 %%l1, %%l0, %%l1;
            ld.global.v4.u32 {%%r1, %%r2, %%r3, %%r4}, [%%l1];
            mov.u32 %%r9, tile;
            shl.b32 %%r5, %%r0, 4;
            add.u32 %%r5, %%r5, %%r9;
            st.shared.v4.u32 [%%r5], {%%r1, %%r2, %%r3, %%r4};
            bar.warp.sync -1;
            ldmatrix.sync.aligned.m8n8.x4%s.shared.b16 {%%r1, %%r2, %%r3, %%r4}, [%%r5];
            st.global.v4.u32 [%%l1], {%%r1, %%r2, %%r3, %%r4};
            """.formatted(suffix));
    }

    @Test
    void matricesAreDealtOutByRowsOrColumns() {
        for (boolean transposed : new boolean[] {false, true}) {
            short[] in = new short[4 * 64];
            for (int i = 0; i < in.length; i++) {
                in[i] = (short) i;
            }
            short[] out = new short[in.length];
            try (var bench = new PtxWorkbench()) {
                bench.load(matrices(transposed ? ".trans" : ""));
                long memory = bench.upload(MemorySegment.ofArray(in));
                LaunchReport report = bench.launch("k", WARP, x -> x.wide(memory));
                assertEquals(1, report.warpInstructions(InstructionClass.MATRIX_LOAD));
                bench.download(memory, MemorySegment.ofArray(out));
            }
            for (int lane = 0; lane < 32; lane++) {
                for (int m = 0; m < 4; m++) {
                    for (int e = 0; e < 2; e++) {
                        int row = transposed ? 2 * (lane % 4) + e : lane / 4;
                        int column = transposed ? lane / 4 : 2 * (lane % 4) + e;
                        assertEquals(m * 64 + row * 8 + column, out[lane * 8 + m * 2 + e]);
                    }
                }
            }
        }
    }

    @Test
    void aMatrixLoadNeedsAllLanes() {
        String text = matrices("").replace("ldmatrix", "setp.lt.u32 %p1, %r0, 16;\n@%p1 ldmatrix");
        try (var bench = new PtxWorkbench(PtxOptions.standard().collecting())) {
            bench.load(text);
            long memory = bench.upload(new float[128]);
            LaunchReport report = bench.launch("k", WARP, x -> x.wide(memory));
            assertEquals(FindingKind.LANE_MASK, report.findings().getFirst().kind());
        }
    }

    /** Each thread copies 16 bytes; then it reads its own, or its neighbour's. */
    private static String copies(String wait, int reader) {
        return PtxText.withOutput(TILE, """
            mul.wide.u32 %%l1, %%r0, 16;
            add.s64 %%l1, %%l0, %%l1;
            mov.u32 %%r9, tile;
            shl.b32 %%r5, %%r0, 4;
            add.u32 %%r5, %%r5, %%r9;
            cp.async.cg.shared.global [%%r5], [%%l1], 16;
            cp.async.commit_group;
            %s
            xor.b32 %%r6, %%r0, %d;
            shl.b32 %%r6, %%r6, 4;
            add.u32 %%r6, %%r6, %%r9;
            ld.shared.v4.u32 {%%r1, %%r2, %%r3, %%r4}, [%%r6];
            st.global.v4.u32 [%%l1+512], {%%r1, %%r2, %%r3, %%r4};
            """.formatted(wait, reader));
    }

    private static FindingKind copied(String text) {
        try (var bench = new PtxWorkbench(PtxOptions.standard().collecting())) {
            bench.load(text);
            int[] in = new int[256];
            for (int i = 0; i < 128; i++) {
                in[i] = i;
            }
            long memory = bench.upload(in);
            LaunchReport report = bench.launch("k", WARP, x -> x.wide(memory));
            if (!report.findings().isEmpty()) {
                return report.findings().getFirst().kind();
            }
            assertEquals(9, bench.ints(memory, 256)[128 + 9]);
            return null;
        }
    }

    @Test
    void aCopyMustBeWaitedFor() {
        assertEquals(FindingKind.COPY_IN_FLIGHT, copied(copies("", 0)));
        assertEquals(FindingKind.COPY_IN_FLIGHT, copied(copies("cp.async.wait_group 1;", 0)), "the wait is too short");
        assertEquals(null, copied(copies("cp.async.wait_group 0;", 0)));
        assertEquals(null, copied(copies("cp.async.wait_all;", 0)));
    }

    @Test
    void anotherThreadsCopyNeedsABarrierToo() {
        assertEquals(FindingKind.RACE, copied(copies("cp.async.wait_group 0;", 1)));
        String both =
                copies("cp.async.wait_group 0;\nbar.sync 0;", 1).replace("xor.b32 %r6, %r0, 1", "xor.b32 %r6, %r0, 0");
        assertEquals(null, copied(both));
        assertEquals(
                FindingKind.COPY_IN_FLIGHT,
                copied(copies("bar.sync 0;\ncp.async.wait_group 0;", 1).replace("cp.async.wait_group 0;\nxor", "xor")));
    }

    @Test
    void aShortCopyFillsUpWithZerosAndReadsNoMore() {
        String text = """
            mov.u32 %%r9, tile;
            cp.async.cg.shared.global [%%r9], [%%l0], 16, %d;
            cp.async.wait_all;
            ld.shared.v4.u32 {%%r1, %%r2, %%r3, %%r4}, [%%r9];
            st.global.v4.u32 [%%l0], {%%r1, %%r2, %%r3, %%r4};
            """;
        LaunchGrid one = LaunchGrid.of(1, 1);
        try (var bench = new PtxWorkbench()) {
            bench.load(PtxText.withOutput(TILE, text.formatted(8)));
            long memory = bench.upload(1, 2, 3, 4);
            bench.launch("k", one, x -> x.wide(memory));
            int[] got = bench.ints(memory, 4);
            assertTrue(got[0] == 1 && got[1] == 2 && got[2] == 0 && got[3] == 0);
        }
        String nowhere = text.replace("[%%l0], 16", "[%%l9], 16").formatted(0);
        try (var bench = new PtxWorkbench()) {
            bench.load(PtxText.withOutput(TILE, nowhere));
            long memory = bench.upload(1, 2, 3, 4);
            bench.launch("k", one, x -> x.wide(memory));
            assertEquals(0, bench.ints(memory, 4)[0], "a copy of no bytes looks at no address");
        }
    }
}
