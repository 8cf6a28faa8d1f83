package mezzotint.kernel.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import mezzotint.kernel.cuda.CudaDetection.Check;
import mezzotint.kernel.cuda.CudaDetection.Failed;
import mezzotint.kernel.cuda.CudaDetection.Outcome;
import mezzotint.kernel.cuda.CudaDetection.Passed;
import mezzotint.kernel.cuda.CudaDetection.Step;

/**
 * One of JCuda's native libraries, loaded out of the user's cache.
 *
 * <p>Left alone, JCuda unpacks it to a fixed name in the temporary folder, which other users can write, and loads whatever it
 * finds there under that name.
 */
enum JCudaLibrary {
    /** The binding of CUDA's driver. */
    DRIVER("JCudaDriver", "jcuda/driver/JCudaDriver", "jcuda") {
        @Override
        void touch() {
            jcuda.driver.JCudaDriver.setExceptionsEnabled(false);
        }
    },
    /** The binding of cuBLAS; it wants {@code libcublas.so.12} loaded before. */
    CUBLAS("JCublas2", "jcuda/jcublas/JCublas2", "jcublas") {
        @Override
        void touch() {
            jcuda.jcublas.JCublas2.setExceptionsEnabled(false);
        }
    };

    private static final String VERSION = "12.6.0";
    private static final String PLATFORM = "linux-x86_64";
    private static final String TEMPORARY = "java.io.tmpdir";

    private final String fileName;
    private final String className;
    private final String artifact;

    JCudaLibrary(String library, String className, String artifact) {
        this.fileName = "lib%s-%s-%s.so".formatted(library, VERSION, PLATFORM);
        this.className = className;
        this.artifact = artifact;
    }

    /** Runs the static initialiser of JCuda's class, which loads the library, and has it report by statuses. */
    abstract void touch();

    /** Finds, unpacks and loads it, a step each; true when nothing failed. */
    boolean detect(Path cache, List<Step> steps) {
        Path folder = cache.resolve("jcuda-" + VERSION);
        return add(steps, Check.JCUDA_JARS, jars())
                && add(steps, Check.JCUDA_UNPACKED, unpacked(folder))
                && add(steps, Check.JCUDA_LOADED, loaded(folder));
    }

    private static boolean add(List<Step> steps, Check check, Outcome outcome) {
        steps.add(new Step(check, outcome));
        return outcome instanceof Passed;
    }

    private Outcome jars() {
        ClassLoader loader = JCudaLibrary.class.getClassLoader();
        if (loader.getResource(className + ".class") == null) {
            return missing("org.jcuda:%s:%s".formatted(artifact, VERSION));
        }
        String natives = "org.jcuda:%s-natives:%s:%s".formatted(artifact, VERSION, PLATFORM);
        return loader.getResource("lib/" + fileName) == null
                ? missing(natives)
                : new Passed("JCuda %s and its natives for %s".formatted(VERSION, PLATFORM));
    }

    private static Outcome missing(String coordinate) {
        return new Failed(coordinate + " is not on the class path", "add the Maven dependency " + coordinate);
    }

    private Outcome unpacked(Path folder) {
        Path file = folder.resolve(fileName);
        try (InputStream in = JCudaLibrary.class.getClassLoader().getResourceAsStream("lib/" + fileName)) {
            byte[] wanted = in.readAllBytes();
            if (!Files.isRegularFile(file) || !Arrays.equals(Files.readAllBytes(file), wanted)) {
                write(folder, file, wanted);
            }
            return new Passed(file.toString());
        } catch (IOException e) {
            return new Failed(
                    "%s cannot be written (%s)".formatted(file, e),
                    "make that folder writable, or set XDG_CACHE_HOME to one that is");
        }
    }

    private void write(Path folder, Path file, byte[] content) throws IOException {
        Files.createDirectories(folder);
        Path beside = Files.createTempFile(folder, fileName, ".part");
        try {
            Files.write(beside, content);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    private Outcome loaded(Path folder) {
        try {
            loadFrom(folder);
            return new Passed(fileName + " is loaded");
        } catch (LinkageError | RuntimeException e) {
            return new Failed(
                    "%s cannot be loaded (%s)".formatted(folder.resolve(fileName), reason(e)),
                    "update the driver, and start java anew: a second try in this process fails for ever");
        }
    }

    /**
     * JCuda asks for the temporary folder when its class is initialised, and takes a file that is there already. The library
     * path would be the cleaner way, but Java reads that once, at its start.
     */
    private void loadFrom(Path folder) {
        synchronized (JCudaLibrary.class) {
            String before = System.getProperty(TEMPORARY, "");
            System.setProperty(TEMPORARY, folder.toString());
            try {
                touch();
            } finally {
                System.setProperty(TEMPORARY, before);
            }
        }
    }

    /** JCuda packs two stack traces into its message, and Java keeps it for later tries; the last reason is the linker's own. */
    private static String reason(Throwable failure) {
        String all = failure + "\n" + (failure.getCause() == null ? "" : failure.getCause());
        List<String> lines = all.lines().toList();
        return lines.stream()
                .filter(line -> line.startsWith("java.lang.UnsatisfiedLinkError: /"))
                .reduce((_, last) -> last)
                .orElse(lines.getFirst());
    }
}
