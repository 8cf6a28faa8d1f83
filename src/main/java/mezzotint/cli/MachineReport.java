package mezzotint.cli;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import mezzotint.data.EmojiFetch;
import mezzotint.kernel.Device;
import mezzotint.kernel.DeviceUnavailableException;
import mezzotint.kernel.cuda.CudaPlaces;

/** What this machine and this Java have for Mezzotint. */
final class MachineReport {
    private static final String VECTORS = "jdk.incubator.vector";
    private static final List<String> TOLD_FEATURES =
            List.of("avx2", "fma", "f16c", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "sve", "bf16");
    private static final long NPM_SECONDS = 20;

    private final DeviceOptions options;

    /** @param options of the device to report on */
    MachineReport(DeviceOptions options) {
        this.options = options;
    }

    /**
     * One thing looked at.
     *
     * @param what its name
     * @param found what is there
     * @param remedy what to do, where something is missing
     */
    record Finding(String what, String found, Optional<String> remedy) {
        static Finding of(String what, String found) {
            return new Finding(what, found, Optional.empty());
        }

        static Finding of(String what, String found, String remedy) {
            return new Finding(what, found, Optional.of(remedy));
        }
    }

    /** Everything, in reading order. */
    List<Finding> findings() {
        List<Finding> all = new ArrayList<>();
        all.add(Finding.of("mezzotint", Main.VERSION.substring(Main.VERSION.indexOf(' ') + 1)));
        all.add(java());
        all.add(flags());
        all.add(vectorModule());
        all.add(nativeAccess());
        all.add(processor());
        all.add(memory());
        all.add(device());
        all.add(oneDnn());
        all.addAll(CudaReport.findings(CudaPlaces.ofSystem()));
        all.add(cache());
        all.add(npm());
        all.add(builtInModel());
        return all;
    }

    private static Finding java() {
        return Finding.of(
                "Java",
                "%s (%s) in %s"
                        .formatted(
                                System.getProperty("java.runtime.version"),
                                System.getProperty("java.vendor"),
                                System.getProperty("java.home")));
    }

    private static Finding flags() {
        List<String> flags = ManagementFactory.getRuntimeMXBean().getInputArguments();
        return Finding.of("JVM flags", flags.isEmpty() ? "none" : String.join(" ", flags));
    }

    private static Finding vectorModule() {
        if (ModuleLayer.boot().findModule(VECTORS).isPresent()) {
            return Finding.of("vector module", VECTORS + " is there");
        }
        return Finding.of(
                "vector module",
                VECTORS + " is not loaded: plain Java loops, about ten times slower",
                "start with the launcher ./mezzotint, or with java --add-modules " + VECTORS);
    }

    private static Finding nativeAccess() {
        return MachineReport.class.getModule().isNativeAccessEnabled()
                ? Finding.of("native access", "enabled")
                : Finding.of(
                        "native access",
                        "not enabled: Java prints a warning",
                        "start with the launcher ./mezzotint, or with java --enable-native-access=ALL-UNNAMED");
    }

    /** The processor and the Java of this machine, in a line. */
    static String machine() {
        return "%s; Java %s".formatted(processor().found(), Runtime.version());
    }

    private static Finding processor() {
        List<String> info = lines(Path.of("/proc/cpuinfo"));
        String model = value(info, "model name").orElse(System.getProperty("os.arch"));
        String features = value(info, "flags").or(() -> value(info, "Features")).orElse("");
        List<String> present = Arrays.asList(features.split(" "));
        String told = TOLD_FEATURES.stream().filter(present::contains).collect(Collectors.joining(" "));
        return Finding.of(
                "processor",
                "%s, %d processors%s"
                        .formatted(
                                model, Runtime.getRuntime().availableProcessors(), told.isEmpty() ? "" : ", " + told));
    }

    private static Finding memory() {
        List<String> info = lines(Path.of("/proc/meminfo"));
        String heap = gibibytes(Runtime.getRuntime().maxMemory());
        Optional<String> total = value(info, "MemTotal").map(MachineReport::kibibytes);
        Optional<String> free = value(info, "MemAvailable").map(MachineReport::kibibytes);
        String machine =
                total.isEmpty() || free.isEmpty() ? "" : "%s, %s of them free; ".formatted(total.get(), free.get());
        return Finding.of("memory", machine + "Java heap up to %s (tensors lie outside it)".formatted(heap));
    }

    private Finding device() {
        try (Device device = options.open()) {
            return Finding.of("device", device.toString());
        } catch (DeviceUnavailableException e) {
            return Finding.of("device", e.getMessage());
        }
    }

    private static Finding oneDnn() {
        Optional<String> jar = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).getFileName())
                .filter(name -> name != null && name.toString().matches("dnnl-.*\\.jar"))
                .map(Path::toString)
                .findFirst()
                .or(() ->
                        resource("/org/bytedeco/dnnl/linux-x86_64/libdnnl.so.3").map(_ -> "on the class path"));
        return jar.map(name -> Finding.of("oneDNN", name + "; used with --device cpu:onednn or cpu:onednn-bf16"))
                .orElseGet(() -> Finding.of(
                        "oneDNN",
                        "not there; matrix products run in Java, which is the usual",
                        "to try it, add org.bytedeco:dnnl:3.11-1.5.13 with classifier linux-x86_64 to the class path"));
    }

    private static Finding cache() {
        Path cache = EmojiFetch.userCache();
        boolean emoji = Files.isDirectory(EmojiFetch.folderIn(cache));
        String found =
                cache + (emoji ? ", emoji fetched" : Files.isDirectory(cache) ? ", no emoji yet" : ", not made yet");
        return emoji
                ? Finding.of("cache", found)
                : Finding.of("cache", found, "for 1,900 pictures: mezzotint data fetch");
    }

    private static Finding npm() {
        String version = output("npm", "--version");
        return version.isEmpty()
                ? Finding.of("npm", "not found; only `mezzotint data fetch` wants it", "install Node.js with npm")
                : Finding.of("npm", version);
    }

    private static Finding builtInModel() {
        return resource(ModelSource.BUILT_IN + "model_index.json").isPresent()
                ? Finding.of("built-in model", "there")
                : Finding.of("built-in model", "none in this build", "train one: mezzotint quickstart");
    }

    private static Optional<String> resource(String path) {
        return Optional.ofNullable(MachineReport.class.getResource(path)).map(Object::toString);
    }

    private static String output(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                    .start();
            if (!process.waitFor(NPM_SECONDS, TimeUnit.SECONDS)) {
                process.destroy();
                return "there, but it does not answer";
            }
            return new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /** Lines of a file of the system's; none where there is no such file, as on other systems than Linux. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Optional<String> value(List<String> lines, String key) {
        return lines.stream()
                .filter(line -> line.startsWith(key) && line.contains(":"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }

    private static String kibibytes(String text) {
        return gibibytes(Long.parseLong(text.replaceAll("\\D", "")) << 10);
    }

    private static String gibibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1 << 30));
    }
}
