package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import mezzotint.ptx.PtxMachine;
import org.junit.jupiter.api.Test;

/** The contract of a driver on the PTX machine; {@link GpuTest} has the same on a GPU. */
class CudaDriverTest {
    @Test
    void copiesWhatWasWritten() {
        try (var machine = new PtxMachine()) {
            var checks = new DriverChecks(machine);
            checks.copies(101);
            checks.copies((9 << 20) + 13);
        }
    }

    @Test
    void passesArgumentsOfEveryWidth() {
        try (var machine = new PtxMachine()) {
            new DriverChecks(machine).launches();
        }
    }

    @Test
    void givesAsMuchSharedMemoryAsTheDeviceHas() {
        try (var machine = new PtxMachine()) {
            new DriverChecks(machine).givesSharedMemory();
        }
    }

    @Test
    void ordersStreamsByEvents() {
        try (var machine = new PtxMachine()) {
            new DriverChecks(machine).ordersStreams();
        }
    }

    @Test
    void replaysACaptureAsADirectRun() {
        try (var machine = new PtxMachine()) {
            new DriverChecks(machine).replaysACapture();
        }
    }

    @Test
    void keepsScratchMemoryThatACapturedGraphUses() {
        try (var machine = new PtxMachine();
                var stream = machine.newStream();
                var launcher = new CudaLauncher(machine, stream)) {
            long small = launcher.scratch(100);
            long large = launcher.scratch(3 << 20); // frees the small one
            launcher.keepScratch();
            launcher.scratch(5 << 20);
            machine.fill(stream, large, 3 << 20, (byte) 0);
            assertEquals(0, small % 256);
        }
    }
}
