package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Stand-ins for CUDA's libraries, compiled by the system's gcc; a test that wants one is skipped where there is none. */
final class StubCuda {
    private StubCuda() {}

    /**
     * Builds {@code libcuda.so.1}.
     *
     * @param folder where
     * @param defines such as {@code DRIVER_VERSION=11040}; see the source
     */
    static Path driver(Path folder, String... defines) {
        return named(folder.resolve("libcuda.so.1"), defines);
    }

    /** Builds it under a name that no other library asks for, to be loaded into the process of the tests. */
    static Path harmlessDriver(Path folder, String... defines) {
        return named(folder.resolve("libcuda-stub.so"), defines);
    }

    private static Path named(Path library, String... defines) {
        compile(library, "stub-libcuda.c", defined(defines));
        return library;
    }

    /** Builds {@code libcublas.so.MAJOR} beside the stub of the driver. */
    static Path cublas(Path driver, int major, String... defines) {
        String name = "libcublas.so." + major;
        Path library = driver.resolveSibling(name);
        Path versions = driver.resolveSibling("versions-" + major);
        try {
            Files.writeString(versions, name + " { global: *; };");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        List<String> more = defined(defines);
        more.add("-Wl,--version-script=" + versions);
        more.add(driver.toString());
        compile(library, "stub-libcublas.c", more);
        return library;
    }

    private static List<String> defined(String... defines) {
        return new ArrayList<>(Stream.of(defines).map(define -> "-D" + define).toList());
    }

    private static void compile(Path library, String source, List<String> more) {
        Path file = library.resolveSibling(source);
        try (InputStream in = StubCuda.class.getResourceAsStream(source)) {
            Files.write(file, in.readAllBytes());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        List<String> command = new ArrayList<>(
                List.of("gcc", "-shared", "-fPIC", "-O1", "-fvisibility=hidden", "-o", library.toString()));
        command.add("-Wl,-soname," + library.getFileName());
        command.add(file.toString());
        command.addAll(more);
        Process gcc;
        try {
            gcc = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            assumeTrue(false, "skipped: there is no gcc to build a stand-in for CUDA's driver with");
            return;
        }
        try {
            String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(gcc.waitFor(60, TimeUnit.SECONDS), said);
            assertEquals(0, gcc.exitValue(), said);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
