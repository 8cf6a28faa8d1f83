package mezzotint.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Main memory of this process, mapped files included, as Linux counts it; unknown elsewhere. */
final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String FORGET_THE_PEAK = "5";

    /** Compiled code, the compiler at work, and pages of classes not yet touched, less what of the heap stays untouched. */
    private static final long RUNTIME_BYTES = 20L << 20;

    private ResidentMemory() {}

    /**
     * Bytes that this process will hold without a model: those it holds now, and what the virtual machine has yet to touch of
     * its heap. Garbage fills the young part before it is collected for the first time, whatever else happens.
     */
    static long baseline() {
        long untouched = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            boolean filled = !pool.getName().contains("Old") && !pool.getName().contains("Tenured");
            if (pool.getType() == MemoryType.HEAP && filled) {
                untouched +=
                        pool.getUsage().getCommitted() - pool.getPeakUsage().getUsed();
            }
        }
        return now().orElse(0) + Math.max(0, untouched) + RUNTIME_BYTES;
    }

    /** Bytes held now. */
    static OptionalLong now() {
        return field("VmRSS:");
    }

    /** The most bytes ever held, or since {@link #forgetPeak}. */
    static OptionalLong peak() {
        return field("VmHWM:");
    }

    /** Lets {@link #peak} begin anew; does nothing where the system does not allow it. */
    static void forgetPeak() {
        try {
            Files.writeString(CLEAR, FORGET_THE_PEAK);
        } catch (IOException e) {
            // the peak is then that of the whole process, which is at least as large
        }
    }

    private static OptionalLong field(String name) {
        try {
            return Files.readAllLines(STATUS).stream()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
