package mezzotint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The house rules that a source tree can break, each a list of breaches; empty is good. */
record Rooms(Path root) {

    /** The longest file, in lines. */
    static final int MOST_LINES = 400;

    /** Where the doors of the kernels are. */
    private static final List<String> DOOR_FILES = List.of(
            "src/main/java/mezzotint/kernel/Kernels.java",
            "src/main/java/mezzotint/kernel/TrainingKernels.java",
            "src/main/java/mezzotint/kernel/EncoderKernels.java");

    private static final Pattern DOOR = Pattern.compile("(?m)^ {4}(?:public |sealed )*interface (\\w+)");
    private static final Pattern PRINT = Pattern.compile("\\bSystem\\s*\\.\\s*(?:out|err)\\b");

    /** A home or build folder of one machine; the names are apart so that this file keeps the rule. */
    private static final Pattern MACHINE =
            Pattern.compile("(?<![\\w.~})])/(?:" + String.join("|", "work", "root", "home", "Users") + ")/");

    /** Package registries: clients know them, the repository does not name them. */
    private static final Pattern REGISTRY = Pattern.compile(String.join(
            "|", "repo1?\\.maven\\.(?:apache\\.)?org", "registry\\.npm" + "js\\.org", "registry\\.yarn" + "pkg"));

    private static final Set<String> TEXT_SUFFIXES = Set.of(
            "java",
            "cu",
            "cuh",
            "ptx",
            "md",
            "xml",
            "properties",
            "json",
            "jsonl",
            "yaml",
            "yml",
            "csv",
            "txt",
            "sh",
            "py",
            "gitignore",
            "gitattributes",
            "run",
            "mezzotint",
            "license",
            "notice");

    /** {@code ada_layer_norm} → {@code AdaLayerNorm}. */
    static String family(String stem) {
        return Arrays.stream(stem.split("_", -1))
                .filter(word -> !word.isEmpty())
                .map(word -> Character.toUpperCase(word.charAt(0)) + word.substring(1))
                .collect(Collectors.joining());
    }

    /** Every kernel source has its launcher, its CPU version, its proof and its door; every door its CPU version and proof. */
    List<String> emptyRooms() throws IOException {
        List<String> breaches = new ArrayList<>();
        Map<String, String> families = families(breaches);
        families.forEach((name, door) -> {
            require(door, "src/main/java/mezzotint/kernel/cpu/Cpu" + name + ".java", breaches);
            require(door, "src/test/java/mezzotint/kernel/" + name + "Test.java", breaches);
        });
        for (Path source :
                files("src/main/cuda").filter(f -> suffix(f).equals("cu")).toList()) {
            String name = family(source.getFileName().toString().replace(".cu", ""));
            require(show(source), "src/main/java/mezzotint/kernel/cuda/Cuda" + name + ".java", breaches);
            if (!families.containsKey(name)) {
                breaches.add(show(source) + " has no door: nested interface " + name + " in "
                        + String.join(" or ", DOOR_FILES));
                require(show(source), "src/main/java/mezzotint/kernel/cpu/Cpu" + name + ".java", breaches);
                require(show(source), "src/test/java/mezzotint/kernel/" + name + "Test.java", breaches);
            }
        }
        return breaches;
    }

    /** The families that have a door, each with the door's name, {@code Kernels.RmsNorm}. */
    private Map<String, String> families(List<String> breaches) throws IOException {
        Map<String, String> families = new TreeMap<>();
        for (String file : DOOR_FILES) {
            Path doors = root.resolve(file);
            if (Files.exists(doors)) {
                String owner = doors.getFileName().toString().replace(".java", "");
                List<String> names = DOOR.matcher(Files.readString(doors))
                        .results()
                        .map(door -> door.group(1))
                        .toList();
                names.forEach(name -> families.put(name, owner + "." + name));
                if (names.isEmpty()) {
                    breaches.add(show(doors) + " has no nested interface");
                }
            }
        }
        return families;
    }

    /** Source files over {@link #MOST_LINES} lines. */
    List<String> longFiles() throws IOException {
        List<String> breaches = new ArrayList<>();
        for (Path file : files("src", "benchmarks").toList()) {
            if (Set.of("java", "cu", "cuh").contains(suffix(file))) {
                long lines = Files.readString(file).lines().count();
                if (lines > MOST_LINES) {
                    breaches.add(show(file) + " has " + lines + " lines, " + MOST_LINES + " at most: split it");
                }
            }
        }
        return breaches;
    }

    /** Main sources outside {@code mezzotint.cli} that print. */
    List<String> printing() throws IOException {
        List<Path> quiet = files("src/main/java")
                .filter(f -> !f.startsWith(root.resolve("src/main/java/mezzotint/cli")))
                .toList();
        return lines(quiet, PRINT, "prints; only mezzotint.cli does");
    }

    /** Packages of the main sources without a {@code package-info.java}. */
    List<String> unexplainedPackages() throws IOException {
        return files("src/main/java")
                .filter(f -> suffix(f).equals("java"))
                .map(Path::getParent)
                .distinct()
                .filter(folder -> Files.notExists(folder.resolve("package-info.java")))
                .map(folder -> show(folder) + " has no package-info.java")
                .toList();
    }

    /** Text that names a folder of one machine or the host of a package registry. */
    List<String> machineTraces() throws IOException {
        List<Path> texts = Stream.concat(files("src", "benchmarks", ".ci"), topLevelFiles())
                .filter(f -> TEXT_SUFFIXES.contains(suffix(f)))
                .toList();
        List<String> breaches = new ArrayList<>(lines(texts, MACHINE, "names a folder of one machine"));
        breaches.addAll(lines(texts, REGISTRY, "names the host of a package registry"));
        return breaches;
    }

    private List<String> lines(List<Path> texts, Pattern forbidden, String complaint) throws IOException {
        List<String> breaches = new ArrayList<>();
        for (Path text : texts) {
            List<String> lines = Files.readString(text).lines().toList();
            for (int i = 0; i < lines.size(); i++) {
                if (forbidden.matcher(lines.get(i)).find()) {
                    breaches.add(show(text) + ":" + (i + 1) + " " + complaint);
                }
            }
        }
        return breaches;
    }

    private void require(String owner, String file, List<String> breaches) {
        if (Files.notExists(root.resolve(file))) {
            breaches.add(owner + " has no " + file);
        }
    }

    /** The files under some folders of the tree that exist, in order, without build output. */
    private Stream<Path> files(String... folders) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String folder : folders) {
            Path top = root.resolve(folder);
            if (Files.isDirectory(top)) {
                try (var walk = Files.walk(top)) {
                    walk.filter(Files::isRegularFile).filter(f -> !isBuilt(f)).forEach(found::add);
                }
            }
        }
        return found.stream().sorted();
    }

    private boolean isBuilt(Path file) {
        for (Path part : root.relativize(file)) {
            if (part.toString().equals("target")) {
                return true;
            }
        }
        return false;
    }

    /** Those at the top that the repository holds: a user's own notes there are not ours to judge. */
    private Stream<Path> topLevelFiles() {
        return Stream.of("pom.xml", "README.md", "LICENSE", "NOTICE", ".gitignore", ".gitattributes", "mezzotint")
                .map(root::resolve)
                .filter(Files::isRegularFile);
    }

    private String show(Path file) {
        return root.relativize(file).toString().replace('\\', '/');
    }

    /** Lower case, after the last point; the whole name where there is none. */
    private static String suffix(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
