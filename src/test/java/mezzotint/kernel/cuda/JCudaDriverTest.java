package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JCuda's own native code runs here, on a stand-in for the driver that does a stream's work only when it is waited for. */
class JCudaDriverTest {
    private static final String RELEASED = "release context, 0 bytes allocated, 0 pinned";

    @TempDir
    private Path folder;

    @Test
    void copiesAnyHostMemoryInTheStreamsOrder() {
        assertEquals(List.of("stream 1", "stream ends", RELEASED), log("copies"));
    }

    @Test
    void passesArgumentsOfEveryWidth() {
        assertEquals(
                List.of(
                        "stream 1",
                        "load",
                        "launch scale_f32 5 4 3 32 2 1 100",
                        "launch scale_f32 5 4 3 32 2 1 100",
                        "stream ends",
                        "unload",
                        RELEASED),
                log("launch"));
    }

    /** The kernel has 1 KiB of static shared memory: 47 KiB more go without asking. */
    @Test
    void asksForSharedMemoryOnceForEachGreaterSize() {
        assertEquals(
                List.of("idle may have 49152", "idle may have 65536", "idle may have 101376"),
                log("shared").stream().filter(line -> line.contains("may have")).toList());
    }

    @Test
    void saysWhatTheDriverRefuses() {
        assertEquals(List.of("stream 1", "load", "stream ends", "unload", RELEASED), log("refusals"));
    }

    @Test
    void tellsAFaultFromARefusalAndClosesQuietlyAfterIt() {
        List<String> log = log("fault");
        assertFalse(log.contains("unload"), log.toString());
        assertEquals("release context, 4096 bytes allocated, 0 pinned", log.getLast());
    }

    @Test
    void ordersTwoStreamsByAnEvent() {
        assertEquals(RELEASED, log("streams").getLast());
    }

    @Test
    void recordsAGraphAndRunsItAgain() {
        List<String> log = log("capture");
        assertEquals(
                List.of(
                        "stream 1",
                        "load",
                        "capture 1",
                        "launch scale_f32 5 4 3 32 2 1 100",
                        "launch scale_f32 5 4 3 32 2 1 100",
                        "captured 3",
                        "instantiate",
                        "destroy graph",
                        "launch graph",
                        "launch graph",
                        "destroy executable"),
                log.subList(0, 11));
        assertEquals(RELEASED, log.getLast());
    }

    @Test
    void belongsToTheThreadThatUsesIt() {
        List<String> log = log("threads");
        assertFalse(log.stream().anyMatch(line -> line.startsWith("no context")), log.toString());
        assertEquals(RELEASED, log.getLast());
    }

    private List<String> log(String scenario) {
        return ChildJvm.in(folder)
                .driver(StubCuda.driver(folder, "GPUS=2"))
                .run(StubScenario.class, scenario)
                .succeeded()
                .output()
                .lines()
                .toList();
    }
}
