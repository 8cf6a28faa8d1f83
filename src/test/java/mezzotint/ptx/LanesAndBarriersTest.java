package mezzotint.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import mezzotint.kernel.cuda.LaunchGrid;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Divergence and meeting again, barriers of every kind, and exchanges between lanes. */
class LanesAndBarriersTest {
    private static final LaunchGrid WARP = LaunchGrid.of(1, 32);

    /** Runs a body that leaves its result in {@code %r9}, on one block. */
    private static int[] results(String variables, String body, int threads) {
        String store = """
            mul.wide.u32 %l1, %r0, 4;
            add.s64 %l1, %l0, %l1;
            st.global.u32 [%l1], %r9;
            """;
        try (var bench = new PtxWorkbench()) {
            bench.load(PtxText.withOutput(variables, body + store));
            long out = bench.allocate(4L * threads);
            bench.launch("k", LaunchGrid.of(1, threads), a -> a.wide(out));
            return bench.ints(out, threads);
        }
    }

    /** Each lane walks its own Collatz sequence: loops of different lengths with branches inside. */
    @Property(tries = 10)
    void lanesThatPartMeetAgain(@ForAll @IntRange(min = 1, max = 1000) int start) {
        String body = """
            add.s32 %%r1, %%r0, %d;
            mov.u32 %%r9, 0;
            LOOP:
            setp.eq.u32 %%p1, %%r1, 1;
            @%%p1 bra DONE;
            add.u32 %%r9, %%r9, 1;
            and.b32 %%r2, %%r1, 1;
            setp.eq.u32 %%p2, %%r2, 0;
            @%%p2 bra EVEN;
            mad.lo.u32 %%r1, %%r1, 3, 1;
            bra LOOP;
            EVEN:
            shr.u32 %%r1, %%r1, 1;
            bra LOOP;
            DONE:
            activemask.b32 %%r3;
            setp.ne.u32 %%p3, %%r3, 0xffffffff;
            @%%p3 trap;
            """.formatted(start);
        int[] got = results("", body, 32);
        for (int lane = 0; lane < 32; lane++) {
            int steps = 0;
            for (long x = (long) start + lane; x != 1; steps++) {
                x = x % 2 == 0 ? x / 2 : 3 * x + 1;
            }
            assertEquals(steps, got[lane]);
        }
    }

    @Test
    void aTableOfBranchesSendsEachLaneItsWay() {
        String body = """
            and.b32 %r1, %r0, 3;
            setp.eq.u32 %p1, %r0, 31;
            WAYS: .branchtargets A, B, C, D;
            mov.u32 %r9, 99;
            @!%p1 brx.idx %r1, WAYS;
            bra END;
            A: mov.u32 %r9, 10; bra END;
            B: mov.u32 %r9, 11; bra END;
            C: mov.u32 %r9, 12; bra END;
            D: mov.u32 %r9, 13;
            END:
            """;
        int[] got = results("", body, 32);
        for (int lane = 0; lane < 31; lane++) {
            assertEquals(10 + lane % 4, got[lane]);
        }
        assertEquals(99, got[31], "its guard was false");
    }

    @Test
    void guardsSwitchLanesOff() {
        String body = """
            setp.lt.u32 %p1, %r0, 5;
            setp.lt.and.u32 %p2|%p3, %r0, 20, !%p1;
            mov.u32 %r9, 0;
            @%p1 add.u32 %r9, %r9, 1;
            @%p2 add.u32 %r9, %r9, 10;
            @%p3 add.u32 %r9, %r9, 100;
            """;
        int[] got = results("", body, 32);
        for (int lane = 0; lane < 32; lane++) {
            assertEquals(lane < 5 ? 1 : lane < 20 ? 10 : 100, got[lane]);
        }
    }

    @Test
    void shufflesOfEveryKind() {
        shuffle("bfly", 5, 31, lane -> lane ^ 5);
        shuffle("down", 3, 31, lane -> lane + 3 < 32 ? lane + 3 : lane);
        shuffle("up", 3, 0, lane -> lane - 3 >= 0 ? lane - 3 : lane);
        shuffle("idx", 7, 31, _ -> 7);
        // Segments of eight lanes: the mask of segments is 24, the clamp 7.
        shuffle("down", 2, 24 << 8 | 7, lane -> lane % 8 + 2 < 8 ? lane + 2 : lane);
        shuffle("idx", 3, 24 << 8 | 7, lane -> lane / 8 * 8 + 3);
    }

    private static void shuffle(String mode, int by, int clamp, java.util.function.IntUnaryOperator source) {
        int[] got = results(
                "",
                "mul.lo.u32 %%r1, %%r0, 100;\nshfl.sync.%s.b32 %%r9, %%r1, %d, %d, -1;\n".formatted(mode, by, clamp),
                32);
        for (int lane = 0; lane < 32; lane++) {
            assertEquals(100 * source.applyAsInt(lane), got[lane], mode + " on lane " + lane);
        }
    }

    @Test
    void votesAndReductions() {
        assertEquals(
                0x55555555,
                results("", "and.b32 %r1, %r0, 1;\nsetp.eq.u32 %p1, %r1, 0;\nvote.sync.ballot.b32 %r9, %p1, -1;\n", 32)[
                        3]);
        assertEquals(496, results("", "redux.sync.add.s32 %r9, %r0, -1;\n", 32)[17], "0 + … + 31");
        int[] matched = results("", "and.b32 %r1, %r0, 3;\nmatch.any.sync.b32 %r9, %r1, -1;\n", 32);
        assertEquals(0x22222222, matched[5]);
    }

    @Test
    void halvesOfAWarpMaySynchroniseOnTheirOwn() {
        String body = """
            setp.lt.u32 %p1, %r0, 16;
            @%p1 bra LOW;
            shfl.sync.bfly.b32 %r9, %r0, 1, 31, 0xffff0000;
            bra END;
            LOW:
            shfl.sync.bfly.b32 %r9, %r0, 2, 31, 0x0000ffff;
            END:
            """;
        int[] got = results("", body, 32);
        for (int lane = 0; lane < 32; lane++) {
            assertEquals(lane < 16 ? lane ^ 2 : lane ^ 1, got[lane]);
        }
    }

    /** Pairs first, then pairs of pairs: lane 3 learns through lane 1 or 2 what lane 0 wrote. */
    @Test
    void orderIsPassedOnFromLaneToLane() {
        String text = """
            mov.u32 %r8, tile;
            shl.b32 %r1, %r0, 2;
            add.s32 %r1, %r1, %r8;
            st.shared.u32 [%r1], %r0;
            and.b32 %r2, %r0, 30;
            shl.b32 %r2, 3, %r2;
            bar.warp.sync %r2;
            and.b32 %r3, %r0, 29;
            shl.b32 %r3, 5, %r3;
            bar.warp.sync %r3;
            xor.b32 %r4, %r0, 3;
            shl.b32 %r4, %r4, 2;
            add.s32 %r4, %r4, %r8;
            ld.shared.u32 %r9, [%r4];
            """;
        String tile = ".shared .align 4 .b8 tile[128];\n";
        assertEquals(4, results(tile, text, 32)[7]);
        String apart = text.replace("xor.b32 %r4, %r0, 3;", "xor.b32 %r4, %r0, 4;");
        Caught.finding(FindingKind.RACE, PtxText.withOutput(tile, apart), WARP, "ld.shared");
    }

    @Test
    void aLaneOutsideItsMaskIsFound() {
        String text = "shfl.sync.bfly.b32 %r9, %r0, 1, 31, 0x0000ffff;\n";
        PtxFinding finding = Caught.finding(FindingKind.LANE_MASK, PtxText.withOutput(text), WARP, "shfl");
        assertTrue(finding.detail().contains("own lane 16"), finding.detail());
    }

    @Test
    void aMaskThatNamesLanesWhichDoNotComeIsFound() {
        String text = "setp.lt.u32 %%p1, %%r0, 16;\n@!%%p1 bra END;\nshfl.sync.bfly.b32 %%r9, %%r0, 1, 31, %s;\nEND:\n";
        Caught.clean(PtxText.withOutput(text.formatted("0xffff")), WARP);
        Caught.finding(FindingKind.LANE_MASK, PtxText.withOutput(text.formatted("-1")), WARP, "shfl");
        String exited = text.replace("bra END", "exit").formatted("-1");
        PtxFinding finding = Caught.finding(FindingKind.LANE_MASK, PtxText.withOutput(exited), WARP, "shfl");
        assertTrue(finding.detail().contains("exited"), finding.detail());
        String guarded = "setp.lt.u32 %p1, %r0, 16;\n@%p1 shfl.sync.bfly.b32 %r9, %r0, 1, 31, -1;\n";
        Caught.finding(FindingKind.LANE_MASK, PtxText.withOutput(guarded), WARP, "@%p1 shfl");
    }

    @Test
    void aShuffleFromALaneThatTakesNoPartIsFound() {
        String text = "setp.lt.u32 %p1, %r0, 16;\n@!%p1 bra END;\nshfl.sync.idx.b32 %r9, %r0, 20, 31, 0xffff;\nEND:\n";
        PtxFinding finding = Caught.finding(FindingKind.LANE_MASK, PtxText.withOutput(text), WARP, "shfl");
        assertTrue(finding.detail().contains("from lane 20"), finding.detail());
    }

    @Test
    void lanesThatTheBlockDoesNotHaveMayBeNamed() {
        Caught.clean(PtxText.withOutput("shfl.sync.bfly.b32 %r9, %r0, 1, 31, -1;\n"), LaunchGrid.of(1, 48));
    }

    @Test
    void aBarrierThatSomeThreadsDoNotReachIsFound() {
        String text = "setp.lt.u32 %%p1, %%r0, %d;\n@!%%p1 bra END;\nbar.sync 0;\nEND:\nbar.sync 0;\n";
        Caught.clean(PtxText.withOutput(text.formatted(128)), LaunchGrid.of(1, 128));
        Caught.finding(FindingKind.DIVERGENT_BARRIER, PtxText.withOutput(text.formatted(64)), LaunchGrid.of(1, 128));
        Caught.finding(FindingKind.DIVERGENT_BARRIER, PtxText.withOutput(text.formatted(16)), WARP);
    }

    @Test
    void threadsThatHaveExitedAreNotWaitedFor() {
        String text = "setp.ge.u32 %p1, %r0, 40;\n@%p1 exit;\nbar.sync 0;\n";
        Caught.clean(PtxText.withOutput(text), LaunchGrid.of(1, 128));
    }

    @Test
    void namedBarriersCountTheirThreads() {
        // Warps 0 and 1 hand over through barrier 1, warps 2 and 3 through barrier 2.
        String text = """
            mov.u32 %%r8, tile;
            shl.b32 %%r1, %%r0, 2;
            add.s32 %%r1, %%r1, %%r8;
            shr.u32 %%r2, %%r0, 6;
            add.u32 %%r2, %%r2, 1;
            st.shared.u32 [%%r1], %%r0;
            bar.sync %%r2, %d;
            xor.b32 %%r3, %%r0, %d;
            shl.b32 %%r3, %%r3, 2;
            add.s32 %%r3, %%r3, %%r8;
            ld.shared.u32 %%r9, [%%r3];
            """;
        String tile = ".shared .align 4 .b8 tile[512];\n";
        int[] got = results(tile, text.formatted(64, 32), 128);
        assertEquals(37, got[5]);
        assertEquals(64 + 5, got[96 + 5]);
        String across = PtxText.withOutput(tile, text.formatted(64, 64) + "bar.sync 0;\n");
        try (var bench = new PtxWorkbench(PtxOptions.standard().collecting())) {
            bench.load(across);
            long out = bench.allocate(4);
            LaunchReport report = bench.launch("k", LaunchGrid.of(1, 128), a -> a.wide(out));
            assertTrue(
                    report.findings().stream()
                            .anyMatch(f -> f.kind() == FindingKind.RACE || f.kind() == FindingKind.UNWRITTEN),
                    "barrier 1 says nothing about warps 2 and 3");
        }
    }

    @Test
    void oneWarpMayArriveAndAnotherWait() {
        String text = """
            mov.u32 %r8, tile;
            setp.lt.u32 %p1, %r0, 32;
            @!%p1 bra CONSUMER;
            shl.b32 %r1, %r0, 2;
            add.s32 %r1, %r1, %r8;
            st.shared.u32 [%r1], %r0;
            bar.arrive 1, 64;
            mov.u32 %r9, 0;
            bra END;
            CONSUMER:
            bar.sync 1, 64;
            and.b32 %r1, %r0, 31;
            shl.b32 %r1, %r1, 2;
            add.s32 %r1, %r1, %r8;
            ld.shared.u32 %r9, [%r1];
            END:
            """;
        assertEquals(7, results(".shared .align 4 .b8 tile[128];\n", text, 64)[39]);
    }

    @Test
    void aBarrierReducesPredicates() {
        String text = """
            setp.lt.u32 %p1, %r0, 40;
            bar.red.popc.u32 %r1, 0, %p1;
            bar.red.or.pred %p2, 0, %p1;
            bar.red.and.pred %p3, 0, %p1;
            selp.u32 %r2, 1000, 0, %p2;
            selp.u32 %r3, 5000, 0, %p3;
            add.u32 %r9, %r1, %r2;
            add.u32 %r9, %r9, %r3;
            """;
        assertEquals(1040, results("", text, 128)[99]);
    }

    @Test
    void anEndlessLoopIsFound() {
        String text = PtxText.withOutput("LOOP:\nbra LOOP;\n");
        try (var bench = new PtxWorkbench(PtxOptions.standard().withTurns(1000).collecting())) {
            bench.load(text);
            LaunchReport report = bench.launch("k", WARP, a -> a.wide(0));
            assertEquals(FindingKind.ENDLESS, report.findings().getFirst().kind());
        }
    }

    @Test
    void aTrapStopsTheKernel() {
        Caught.finding(FindingKind.TRAP, PtxText.withOutput("trap;\n"), WARP, "trap;");
    }
}
