package mezzotint.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** Main memory of this process, mapped files included, as Linux counts it; unknown elsewhere. */
final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String FORGET_THE_PEAK = "5";

    private ResidentMemory() {}

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
