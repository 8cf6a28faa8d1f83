package mezzotint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code mezzotint}, in a folder of its own with a Java and a Maven that only say how they were called. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class LauncherTest {

    @TempDir
    private Path top;

    private Path project;
    private final Map<String, String> environment = new TreeMap<>();

    @BeforeEach
    void makeAProject() throws IOException {
        project = Files.createDirectories(top.resolve("a project"));
        Files.copy(Path.of("mezzotint"), project.resolve("mezzotint"));
        write(project.resolve("pom.xml"), "");
        write(project.resolve("src/main/java/Main.java"), "");
        write(project.resolve("target/mezzotint.jar"), "");
        Files.createDirectories(project.resolve("target/lib"));
        setAge("src/main/java/Main.java", 2);
        setAge("pom.xml", 2);
        setAge("target/mezzotint.jar", 1);
        environment.put("PATH", tools().toString());
        environment.put("HOME", top.resolve("home").toString());
        environment.put("MEZZOTINT_JDKS", top.resolve("jdks") + "/*");
    }

    @Test
    void passesTheFlagsAndTheArguments() throws Exception {
        makeJdk("jdks/25", "25.0.1");
        environment.put("MEZZOTINT_JAVA_OPTS", "-Xmx8g -Da=b");
        Said said = launch("sample", "a red panda", "");
        assertEquals(0, said.status(), said.err());
        assertEquals(
                List.of(
                        "25.0.1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-modules=jdk.incubator.vector",
                        "-XX:+UseSerialGC",
                        "-Xmx8g",
                        "-Da=b",
                        "-jar",
                        project.toRealPath().resolve("target/mezzotint.jar").toString(),
                        "sample",
                        "a red panda",
                        ""),
                said.out());
        assertEquals("", said.err());
    }

    @Test
    void leavesTheCollectorAndTheCacheToTheUser() throws Exception {
        makeJdk("jdks/25", "25");
        write(project.resolve("target/mezzotint.aot"), "");
        assertTrue(
                launch().out().contains("-XX:AOTCache=" + project.toRealPath().resolve("target/mezzotint.aot")));
        environment.put("MEZZOTINT_JAVA_OPTS", "-XX:+UseParallelGC -Xshare:off");
        Said said = launch();
        assertFalse(said.out().contains("-XX:+UseSerialGC"), () -> said.out().toString());
        assertTrue(
                said.out().stream().noneMatch(flag -> flag.startsWith("-XX:AOTCache")),
                () -> said.out().toString());
    }

    @Test
    void prefersJavaHomeAndSkipsAnOlderOne() throws Exception {
        makeJdk("jdks/25", "25");
        environment.put("JAVA_HOME", makeJdk("own", "26.0.2").toString());
        assertEquals("26.0.2", launch().out().getFirst());
        environment.put("JAVA_HOME", makeJdk("old", "1.8.0_402").toString());
        assertEquals("25", launch().out().getFirst());
    }

    @Test
    void saysInOneSentenceThatJavaIsTooOld() throws Exception {
        Path old = makeJdk("jdks/17", "17.0.15").toRealPath();
        Said said = launch("sample");
        assertEquals(2, said.status());
        assertEquals(
                "mezzotint: Java 25 or newer is needed and Java 17 (" + old
                        + ") was found; install a JDK 25 (Temurin, say) or set JAVA_HOME to one.\n",
                said.err());
    }

    @Test
    void buildsOnceWhenASourceIsNewer() throws Exception {
        makeJdk("jdks/25", "25");
        makeMaven("echo noise; echo built > \"$(dirname \"$5\")/target/mezzotint.jar\"");
        setAge("src/main/java/Main.java", 0);
        setAge("target/mezzotint.jar", 1);
        Said first = launch();
        assertEquals("building mezzotint (once)…\n", first.err());
        assertFalse(first.out().contains("noise"));
        assertEquals("built\n", Files.readString(project.resolve("target/mezzotint.jar")));
        assertEquals("", launch().err(), "the second time it is built already");
    }

    @Test
    void showsWhatMavenSaidWhenTheBuildFails() throws Exception {
        makeJdk("jdks/25", "25");
        makeMaven("echo Main.java: wrong; exit 1");
        Files.delete(project.resolve("target/mezzotint.jar"));
        Said said = launch();
        assertEquals(2, said.status());
        assertTrue(said.err().startsWith("building mezzotint (once)…\nMain.java: wrong\nmezzotint: the build failed"));
        assertTrue(said.out().isEmpty());
    }

    @Test
    void saysThatMavenIsMissing() throws Exception {
        makeJdk("jdks/25", "25");
        Files.delete(project.resolve("target/mezzotint.jar"));
        Said said = launch();
        assertEquals(2, said.status());
        assertEquals(
                "mezzotint: Maven (mvn 3.8 or newer) is needed to build it the first time;"
                        + " install it and run the same command again.\n",
                said.err());
    }

    private record Said(int status, List<String> out, String err) {}

    private Said launch(String... arguments) throws IOException, InterruptedException {
        var command =
                new ArrayList<>(List.of("/bin/sh", project.resolve("mezzotint").toString()));
        command.addAll(List.of(arguments));
        Path out = top.resolve("out");
        Path err = top.resolve("err");
        var builder = new ProcessBuilder(command)
                .directory(top.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the launcher hangs");
        }
        return new Said(process.exitValue(), Files.readString(out).lines().toList(), Files.readString(err));
    }

    /** A JDK whose {@code java} prints its version, then its arguments, one a line. */
    private Path makeJdk(String name, String version) throws IOException {
        Path home = top.resolve(name);
        write(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        makeCommand(home.resolve("bin/java"), "echo " + version + "\nprintf '%s\\n' \"$@\"");
        return home;
    }

    private void makeMaven(String body) throws IOException {
        makeCommand(tools().resolve("mvn"), body);
    }

    /** The commands that the launcher may use, and no Java and no Maven of this machine. */
    private Path tools() throws IOException {
        Path tools = top.resolve("tools");
        if (Files.notExists(tools)) {
            Files.createDirectories(tools);
            for (String tool :
                    List.of("dirname", "readlink", "sed", "head", "find", "grep", "mkdir", "touch", "rm", "cat")) {
                Path usual = Path.of("/usr/bin", tool);
                makeCommand(
                        tools.resolve(tool),
                        "exec " + (Files.exists(usual) ? usual : Path.of("/bin", tool)) + " \"$@\"");
            }
        }
        return tools;
    }

    private void makeCommand(Path file, String body) throws IOException {
        write(file, "#!/bin/sh\n" + body + "\n");
        assertTrue(file.toFile().setExecutable(true));
    }

    private static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, content.getBytes(StandardCharsets.UTF_8));
    }

    private void setAge(String file, int hours) throws IOException {
        long millis = System.currentTimeMillis() - TimeUnit.HOURS.toMillis(hours);
        Files.setLastModifiedTime(project.resolve(file), FileTime.fromMillis(millis));
    }
}
