package mezzotint.kernel.evidence;

import static mezzotint.kernel.evidence.Architecture.SM_80;
import static mezzotint.kernel.evidence.Architecture.SM_86;
import static mezzotint.kernel.evidence.Architecture.SM_89;
import static mezzotint.kernel.evidence.Architecture.SM_90;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** The expected numbers are worked out beside them. */
class ArchitectureTest {

    @Test
    void warpsAreTheLimitOfASmallKernel() {
        assertEquals(64, SM_80.residentWarps(256, 32, 0)); // 8 blocks of 8
        assertEquals(48, SM_86.residentWarps(256, 32, 0)); // 6
        assertEquals(32, SM_86.residentWarps(1024, 32, 0)); // 1 of 32: a second one would make 64
        assertEquals(64, SM_90.residentWarps(1024, 32, 0));
    }

    @Test
    void blocksAreTheLimitOfAVerySmallOne() {
        assertEquals(32, SM_80.residentWarps(32, 16, 0));
        assertEquals(16, SM_86.residentWarps(1, 16, 0));
        assertEquals(24, SM_89.residentWarps(32, 16, 0));
    }

    @Test
    void registersAreGivenToWarpsInUnitsAndByScheduler() {
        // 64 registers · 32 = 2048 a warp, 8 warps a scheduler, 32 in all
        assertEquals(32, SM_80.residentWarps(256, 64, 0));
        // 65 make 2080, rounded to 2304: 7 warps a scheduler, 28 in all, 3 blocks of 8
        assertEquals(24, SM_80.residentWarps(256, 65, 0));
        // 255 make 8160, rounded to 8192: 2 a scheduler, 8 in all
        assertEquals(8, SM_90.residentWarps(128, 255, 0));
        // whichever blocks the warps are of
        assertEquals(28, SM_80.residentWarps(32, 72, 0));
        // 1024 threads of 72 registers want 32 warps where there is room for 28
        assertEquals(0, SM_80.residentWarps(1024, 72, 0));
    }

    @Test
    void sharedMemoryIsRoundedUpAndAKibibyteOfEachBlockIsTheSystems() {
        assertEquals(12, SM_80.residentWarps(128, 32, 48 * 1024)); // 164/49 = 3 blocks of 4
        assertEquals(8, SM_86.residentWarps(128, 32, 48 * 1024)); // 100/49 = 2
        assertEquals(8, SM_86.residentWarps(128, 32, 49 * 1024)); // 100/50 = 2
        assertEquals(4, SM_86.residentWarps(128, 32, 49 * 1024 + 1));
        assertEquals(4, SM_90.residentWarps(128, 32, 227 * 1024));
        assertEquals(0, SM_89.residentWarps(128, 32, 100 * 1024));
    }

    @Test
    void refusesWhatNoKernelHas() {
        assertThrows(IllegalArgumentException.class, () -> SM_80.residentWarps(0, 32, 0));
        assertThrows(IllegalArgumentException.class, () -> SM_80.residentWarps(1025, 32, 0));
        assertThrows(IllegalArgumentException.class, () -> SM_80.residentWarps(32, 256, 0));
        assertThrows(IllegalArgumentException.class, () -> SM_80.residentWarps(32, 32, -1));
    }
}
