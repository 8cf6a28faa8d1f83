package mezzotint.kernel.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuThreadsTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void runsEveryChunkOnce(int count) {
        try (var threads = new CpuThreads(count)) {
            assertEquals(count, threads.count());
            for (int chunks : new int[] {0, 1, 2, 7, 1000}) {
                var ran = new AtomicIntegerArray(Math.max(1, chunks));
                threads.forEach(chunks, (worker, chunk) -> {
                    assertTrue(worker >= 0 && worker < count);
                    ran.incrementAndGet(chunk);
                });
                for (int chunk = 0; chunk < chunks; chunk++) {
                    assertEquals(1, ran.get(chunk));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void oneLoopEndsBeforeTheNextBegins(int count) {
        try (var threads = new CpuThreads(count)) {
            var sum = new AtomicLong();
            for (int loop = 1; loop <= 2000; loop++) {
                threads.forEach(4, (worker, chunk) -> sum.addAndGet(chunk));
                assertEquals(6L * loop, sum.get());
            }
        }
    }

    /** Chunks that wait for each other are on different workers, and each began with its own. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void everyWorkerBeginsWithItsShare(int count) {
        try (var threads = new CpuThreads(count)) {
            for (int loop = 0; loop < 100; loop++) {
                var began = new AtomicInteger();
                threads.forEach(count, (worker, chunk) -> {
                    assertEquals(worker, chunk);
                    began.incrementAndGet();
                    awaitCount(began, count);
                });
            }
        }
    }

    @Test
    void aShareWhoseWorkerIsBusyIsTakenByAnother() {
        try (var threads = new CpuThreads(2)) {
            var ran = new AtomicInteger();
            threads.forEach(6, (worker, chunk) -> {
                if (chunk == 0) {
                    awaitCount(ran, 5);
                }
                ran.incrementAndGet();
            });
            assertEquals(6, ran.get());
        }
    }

    private static void awaitCount(AtomicInteger counter, int count) {
        long end = System.nanoTime() + 60_000_000_000L;
        while (counter.get() < count) {
            assertTrue(System.nanoTime() < end, "others never came");
            Thread.onSpinWait();
        }
    }

    @Test
    void workersThatFellAsleepWakeUp() {
        try (var threads = new CpuThreads(2)) {
            var ran = new AtomicInteger();
            for (int loop = 0; loop < 5; loop++) {
                awaitParked();
                threads.forEach(8, (worker, chunk) -> ran.incrementAndGet());
            }
            assertEquals(40, ran.get());
        }
    }

    private static void awaitParked() {
        long end = System.nanoTime() + 2_000_000_000L;
        while (System.nanoTime() < end
                && Thread.getAllStackTraces().keySet().stream()
                        .anyMatch(t -> t.getName().equals("mezzotint-1") && t.getState() == Thread.State.RUNNABLE)) {
            Thread.onSpinWait();
        }
    }

    @Test
    void aFailureReachesTheCallerAfterTheOthersEnd() {
        try (var threads = new CpuThreads(3)) {
            var cause = new IllegalStateException("chunk 5");
            var thrown = assertThrows(
                    CpuThreads.ChunkFailure.class,
                    () -> threads.forEach(50, (worker, chunk) -> {
                        if (chunk == 5) {
                            throw cause;
                        }
                    }));
            assertSame(cause, thrown.getCause());
            var ran = new AtomicInteger();
            threads.forEach(50, (worker, chunk) -> ran.incrementAndGet());
            assertEquals(50, ran.get());
        }
    }

    @Test
    void anErrorReachesTheCaller() {
        try (var threads = new CpuThreads(2)) {
            var cause = new StackOverflowError();
            var thrown = assertThrows(
                    CpuThreads.ChunkError.class,
                    () -> threads.forEach(2, (worker, chunk) -> {
                        throw cause;
                    }));
            assertSame(cause, thrown.getCause());
        }
    }

    @Test
    void refusesNoThreads() {
        var thrown = assertThrows(IllegalArgumentException.class, () -> new CpuThreads(0));
        assertEquals("threads: expected at least 1, got 0", thrown.getMessage());
    }
}
