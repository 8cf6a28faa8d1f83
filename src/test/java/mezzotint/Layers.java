package mezzotint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The layer table, and what compiled classes break of it. */
final class Layers {

    /** Top to bottom. A package imports from its own row, without a cycle, and from the rows below. */
    static final List<Set<String>> ROWS = List.of(
            Set.of("cli"),
            Set.of("cli.golden"),
            Set.of("ablation"),
            Set.of("evaluation", "sampling", "training", "training.technique"),
            Set.of("data", "prx", "text", "text.cleaning", "vision", "latent", "flow"),
            Set.of("image", "nn"),
            Set.of("autograd", "io"),
            Set.of("kernel.cuda", "ptx", "kernel.cpu", "kernel.reference", "kernel.evidence"),
            Set.of("kernel"),
            Set.of("tensor"));

    /**
     * The packages of devices, and of what is known about them: a library user opens a device and passes it in, so only
     * {@code cli} names them.
     */
    static final Set<String> DEVICES = Set.of("kernel.cuda", "ptx", "kernel.cpu", "kernel.evidence");

    private static final String ROOT = "mezzotint";

    /** A class's name in a descriptor or a generic signature. */
    private static final Pattern IN_DESCRIPTOR = Pattern.compile("L(" + ROOT + "(?:/\\w+)+)[;<.]");

    /** A class's name in a class entry, perhaps an array's. */
    private static final Pattern IN_ENTRY = Pattern.compile("^(?:\\[+L)?(" + ROOT + "(?:/[\\w$-]+)+);?$");

    private Layers() {}

    /** Every breach in the classes of a folder, one line each; none if the table holds. */
    static List<String> breaches(Path classes) throws IOException {
        Map<String, Set<String>> imports = new TreeMap<>();
        List<String> breaches = new ArrayList<>();
        try (var files = Files.walk(classes)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
                ClassModel model = ClassFile.of().parse(file);
                String name = model.thisClass().asInternalName();
                String from = packageOf(name);
                Set<String> found = new TreeSet<>(packagesNamedBy(model));
                found.remove(from);
                for (String to : found) {
                    why(from, to).ifPresent(reason -> breaches.add(name.replace('/', '.') + " uses " + to + reason));
                }
                if (row(from) < 0) {
                    breaches.add(name.replace('/', '.') + ": package " + from + unknown());
                }
                imports.computeIfAbsent(from, _ -> new TreeSet<>()).addAll(found);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        breaches.addAll(cycles(imports));
        return breaches;
    }

    private static Optional<String> why(String from, String to) {
        int upper = row(from);
        int lower = row(to);
        if (upper < 0) {
            return Optional.empty(); // told once for the class
        }
        if (lower < 0) {
            return Optional.of(", a package" + unknown());
        }
        if (lower < upper) {
            return Optional.of(", which lies above " + from + ": imports point down only");
        }
        if (DEVICES.contains(to) && !DEVICES.contains(from) && !from.startsWith("cli")) {
            return Optional.of(": only cli names a device; take a kernel.Device as an argument");
        }
        return Optional.empty();
    }

    private static String unknown() {
        return " that is in no row; add it to Layers.ROWS";
    }

    /** One line for each package of a row that reaches itself through packages of that row. */
    private static List<String> cycles(Map<String, Set<String>> imports) {
        List<String> breaches = new ArrayList<>();
        for (Set<String> row : ROWS) {
            for (String start : new TreeSet<>(row)) {
                Set<String> seen = new HashSet<>();
                Deque<String> next = new ArrayDeque<>(imports.getOrDefault(start, Set.of()));
                while (!next.isEmpty()) {
                    String at = next.pop();
                    if (row.contains(at) && seen.add(at)) {
                        next.addAll(imports.getOrDefault(at, Set.of()));
                    }
                }
                if (seen.contains(start)) {
                    breaches.add(start + " reaches itself through " + new TreeSet<>(seen) + ": a cycle in one row");
                }
            }
        }
        return breaches;
    }

    private static Set<String> packagesNamedBy(ClassModel model) {
        Set<String> packages = new HashSet<>();
        for (PoolEntry entry : model.constantPool()) {
            switch (entry) {
                case ClassEntry c -> addPackages(IN_ENTRY.matcher(c.asInternalName()), packages);
                case Utf8Entry text -> addPackages(IN_DESCRIPTOR.matcher(text.stringValue()), packages);
                default -> {}
            }
        }
        return packages;
    }

    private static void addPackages(Matcher names, Set<String> packages) {
        while (names.find()) {
            packages.add(packageOf(names.group(1)));
        }
    }

    /** {@code mezzotint/kernel/cpu/CpuRope} → {@code kernel.cpu}; of a class in the root package, the empty word. */
    private static String packageOf(String internalName) {
        int end = internalName.lastIndexOf('/');
        return end <= ROOT.length()
                ? ""
                : internalName.substring(ROOT.length() + 1, end).replace('/', '.');
    }

    private static int row(String packageName) {
        for (int row = 0; row < ROWS.size(); row++) {
            if (ROWS.get(row).contains(packageName)) {
                return row;
            }
        }
        return -1;
    }
}
