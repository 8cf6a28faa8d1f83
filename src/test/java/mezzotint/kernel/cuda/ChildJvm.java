package mezzotint.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A JVM of its own for what cannot be undone in a process: loaded libraries, initialised classes, a poisoned context. */
final class ChildJvm {
    private static final List<String> ALWAYS = List.of(
            "mezzotint/kernel/cuda/CudaDevice.class",
            "mezzotint/kernel/cuda/ChildJvm.class",
            "mezzotint/kernel/cuda/stub-libcuda.c",
            "mezzotint/cuda/rms_norm.ptx",
            "org/junit/jupiter/api/Assertions.class",
            "org/junit/platform/commons/util/StringUtils.class",
            "org/opentest4j/AssertionFailedError.class");

    /** Things whose jars a child may be without. */
    static final String JCUDA = "jcuda/driver/JCudaDriver.class";

    static final String JCUDA_NATIVES = "lib/libJCudaDriver-12.6.0-linux-x86_64.so";
    static final String JCUBLAS = "jcuda/jcublas/JCublas2.class";
    static final String JCUBLAS_NATIVES = "lib/libJCublas2-12.6.0-linux-x86_64.so";
    private static final List<String> OPTIONAL = List.of(JCUDA, JCUDA_NATIVES, JCUBLAS, JCUBLAS_NATIVES);

    private final List<String> flags = new ArrayList<>(List.of("--illegal-native-access=deny"));
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> left = new ArrayList<>();

    /**
     * What became of it.
     *
     * @param status exit status
     * @param output what it wrote
     */
    record Result(int status, String output) {
        Result succeeded() {
            assertEquals(0, status, output);
            return this;
        }
    }

    /** May call native code; its cache and temporary folders lie in {@code folder}. */
    static ChildJvm in(Path folder) {
        return withoutNativeAccess(folder).flag("--enable-native-access=ALL-UNNAMED");
    }

    /** May not call native code. */
    static ChildJvm withoutNativeAccess(Path folder) {
        return new ChildJvm()
                .environment("XDG_CACHE_HOME", folder.resolve("cache").toString())
                .environment(CudaPlaces.FOLDERS_VARIABLE, "");
    }

    /** With one more flag. */
    ChildJvm flag(String flag) {
        flags.add(flag);
        return this;
    }

    /** With this variable. */
    ChildJvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** With this driver library. */
    ChildJvm driver(Path library) {
        return flag("-D" + CudaPlaces.DRIVER_PROPERTY + "=" + library);
    }

    /** Without the jar that holds a resource. */
    ChildJvm without(String resource) {
        left.add(resource);
        return this;
    }

    /** Runs a class to its end. */
    Result run(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(flags);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"));
        command.addAll(List.of("-cp", classPath(), main.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(process.waitFor(120, TimeUnit.SECONDS), output);
            return new Result(process.exitValue(), output);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String classPath() {
        Set<String> entries = new LinkedHashSet<>();
        ALWAYS.forEach(resource -> entries.add(entry(resource)));
        OPTIONAL.stream()
                .filter(resource -> !left.contains(resource))
                .forEach(resource -> entries.add(entry(resource)));
        entries.remove("");
        return String.join(File.pathSeparator, entries);
    }

    /** The jar or folder that a resource of this process comes from; empty if there is none. */
    private static String entry(String resource) {
        URL url = ChildJvm.class.getClassLoader().getResource(resource);
        if (url == null) {
            return "";
        }
        String text = url.toString();
        String root = text.startsWith("jar:")
                ? text.substring("jar:".length(), text.indexOf("!/"))
                : text.substring(0, text.length() - resource.length());
        return Path.of(URI.create(root)).toString();
    }
}
