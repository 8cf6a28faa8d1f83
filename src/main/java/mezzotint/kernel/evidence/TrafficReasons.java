package mezzotint.kernel.evidence;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Why kernels move more than the fewest bytes, as written beside them: {@code // traffic: NAME why}, where a star in NAME
 * stands for any letters.
 *
 * @param byName the reasons, by the names as written
 */
public record TrafficReasons(Map<String, String> byName) {
    /** The most sectors of global memory over the fewest possible that want no reason. */
    public static final double MOST_SECTORS = 1.2;

    /** The most wavefronts of shared memory over the fewest possible that want no reason. */
    public static final double MOST_WAVEFRONTS = 1.05;

    private static final Pattern REASON = Pattern.compile("(?m)^// traffic: (\\S+) (.+)$");

    /** Those in the {@code .cu} and {@code .cuh} files of a folder. */
    public static TrafficReasons in(Path sources) {
        Map<String, String> reasons = new LinkedHashMap<>();
        try (Stream<Path> files = Files.list(sources)) {
            for (Path file : files.sorted().toList()) {
                Matcher reason = REASON.matcher(Files.readString(file));
                while (reason.find()) {
                    reasons.put(reason.group(1), reason.group(2));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new TrafficReasons(reasons);
    }

    /** The reason for a kernel, if one is written. */
    public Optional<String> of(String kernel) {
        return byName.entrySet().stream()
                .filter(reason -> matches(reason.getKey(), kernel))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    private static boolean matches(String name, String kernel) {
        return kernel.matches(name.replace("*", "\\w*"));
    }

    /** Whether a kernel moves more than wants no reason. */
    static boolean isHeavy(KernelEvidence kernel) {
        return kernel.ran().isPresent()
                && (kernel.global().excess() > MOST_SECTORS || kernel.shared().excess() > MOST_WAVEFRONTS);
    }

    /**
     * What must not be: a kernel that spills, that nothing launches or that is heavy without a reason, and a reason that no
     * kernel needs. One line each, with the remedy.
     */
    public List<String> breaches(List<KernelEvidence> kernels) {
        List<String> breaches = new ArrayList<>();
        for (KernelEvidence kernel : kernels) {
            String file = "src/main/cuda/" + kernel.stem() + ".cu";
            kernel.assembled().forEach((architecture, assembled) -> {
                if (!assembled.keepsAllInRegisters()) {
                    breaches.add(("%s keeps %d bytes of a thread in local memory on %s (spills: %d stored, %d loaded);"
                                    + " give it more registers or fewer values in %s")
                            .formatted(
                                    kernel.name(),
                                    assembled.stackBytes(),
                                    architecture.target(),
                                    assembled.spillStoreBytes(),
                                    assembled.spillLoadBytes(),
                                    file));
                }
            });
            if (kernel.ran().isEmpty()) {
                breaches.add("%s is never run; add a check that launches it, or remove it from %s"
                        .formatted(kernel.name(), file));
            } else if (isHeavy(kernel) && of(kernel.name()).isEmpty()) {
                breaches.add(("%s moves %.2f × the fewest sectors of global memory (%.2f at most) and %.2f × the fewest"
                                + " wavefronts of shared memory (%.2f at most) at %s; mend it, or write"
                                + " `// traffic: %s why` in %s")
                        .formatted(
                                kernel.name(),
                                kernel.global().excess(),
                                MOST_SECTORS,
                                kernel.shared().excess(),
                                MOST_WAVEFRONTS,
                                kernel.shape(),
                                kernel.name(),
                                file));
            }
        }
        for (String name : byName.keySet()) {
            if (kernels.stream().noneMatch(kernel -> isHeavy(kernel) && matches(name, kernel.name()))) {
                breaches.add("no kernel needs the reason `// traffic: %s`; remove it".formatted(name));
            }
        }
        return breaches;
    }
}
