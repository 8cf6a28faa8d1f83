package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandTest {
    private static final Pattern MEMORY = Pattern.compile("memory planned ([\\d,]+) bytes, used ([\\d,]+) bytes");

    @TempDir
    Path scratch;

    private Path nano() {
        Path folder = scratch.resolve("nano");
        if (!Files.exists(folder)) {
            Command made = Command.run("model", "random", "--preset", "cpu_nano", "--out", folder.toString());
            assertEquals(0, made.status(), made.err());
            assertTrue(made.out().contains("parameters of bf16"), made.out());
        }
        return folder;
    }

    @Test
    void runsAForwardPass() {
        Command run = Command.run("model", "forward", nano().toString(), "--size", "64", "--passes", "2");
        assertEquals(0, run.status(), run.err());
        List<String> passes = run.out()
                .lines()
                .filter(line -> line.contains(" in products, "))
                .toList();
        assertEquals(2, passes.size(), run.out());
        Matcher magnitude = Pattern.compile("output of size ([\\d.e+-]+)").matcher(passes.getLast());
        assertTrue(magnitude.find() && Double.parseDouble(magnitude.group(1)) > 0, run.out());
    }

    @Test
    void refusesWhatDoesNotFitWithNumbers() {
        assertMistake(
                "mezzotint: 20 MiB are not enough: the denoiser, blocks streamed needs ",
                "model",
                "forward",
                nano().toString(),
                "--size",
                "64",
                "--memory",
                "20MiB");
        assertMistake(
                "mezzotint: --size wants a multiple of the patch side 8, got 63",
                "model",
                "forward",
                nano().toString(),
                "--size",
                "63");
        assertMistake(
                "expected a size such as 8GiB, 7.5GiB, 900MiB or 16GB, got \"8\"",
                "model",
                "forward",
                nano().toString(),
                "--memory",
                "8");
        assertMistake(
                "mezzotint: preset \"giant\" is not known; there are cpu_nano, cpu_small, ",
                "model",
                "random",
                "--preset",
                "giant",
                "--out",
                scratch.resolve("x").toString());
        assertMistake(
                " exists; name another folder with --out or replace it with --force",
                "model",
                "random",
                "--preset",
                "cpu_nano",
                "--out",
                nano().toString());
    }

    private static void assertMistake(String sentence, String... line) {
        Command run = Command.run(line);
        assertEquals(2, run.status());
        assertEquals(1, run.complaints().size(), run.err());
        assertTrue(run.complaints().getFirst().contains(sentence), run.err());
    }

    /** In a process of its own, as users run it: what else the test's process holds would hide the difference. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void usesWithinFivePercentOfThePlannedMemory() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC", // as the launcher has it
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "mezzotint.cli.Main",
                        "model",
                        "forward",
                        nano().toString(),
                        "--size",
                        "128",
                        "--batch",
                        "256",
                        "--threads",
                        "2",
                        "--memory",
                        "8GiB")
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        Matcher memory = MEMORY.matcher(out);
        assertTrue(memory.find(), out);
        double planned = Double.parseDouble(memory.group(1).replace(",", ""));
        double used = Double.parseDouble(memory.group(2).replace(",", ""));
        assertTrue(planned > 400L << 20, () -> "too little to tell: " + out);
        assertEquals(planned, used, 0.05 * planned, out);
    }
}
