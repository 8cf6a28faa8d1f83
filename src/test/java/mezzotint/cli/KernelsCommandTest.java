package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import mezzotint.kernel.evidence.KernelVerification;
import mezzotint.kernel.evidence.KernelVerification.Row;
import mezzotint.kernel.evidence.ShippedChecks;
import mezzotint.tensor.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelsCommandTest {
    @TempDir
    private Path folder;

    @Test
    void verifiesOneOperationInATable() {
        Command command = Command.run("kernels", "verify", "--only", "muon step");
        assertEquals(0, command.status(), command.out() + command.err());
        List<String> lines = command.out().lines().toList();
        assertEquals(4, lines.size(), command.out());
        assertTrue(lines.getFirst().startsWith("operation "), command.out());
        assertTrue(lines.get(1).matches("muon step +f32 +ok .* of 2\\.0e-06 +0 .* N 65536 and 3 more"), command.out());
        assertTrue(lines.get(2).matches("muon step +bf16 ok .* of 2\\.0e-06 +0 .* N 65536 and 3 more"), command.out());
        assertTrue(lines.get(3).startsWith("8 runs of 2 kernels, 0 failed, 0 complaints, "), command.out());
        assertTrue(command.err().contains("running on: PTX machine"), command.err());
    }

    @Test
    void aFailureIsListedWithWhatWasFound() {
        var honest = new Row(
                ShippedChecks.hard().getFirst(),
                DType.F32,
                false,
                "output 0",
                1e-7,
                2e-6,
                List.of(),
                Optional.empty(),
                List.of(),
                0.1);
        var broken = new Row(
                honest.check(),
                DType.BF16,
                true,
                "gradient of x",
                Double.NaN,
                0,
                List.of("one", "two", "three", "four"),
                Optional.empty(),
                List.of(),
                0.1);
        var table = new VerificationTable(List.of(honest, broken), false);
        assertTrue(table.lines()
                .get(1)
                .startsWith("rms_norm                        f32  ok     1.0e-07 of 2.0e-06     0"));
        assertTrue(table.lines()
                .get(2)
                .startsWith("rms_norm backward               bf16 FAIL       NaN of 0           4"));
        assertEquals(
                List.of(
                        "FAIL  rms_norm backward in BF16 at N 1 · D 3: gradient of x is off by NaN, 0 allowed; 4 found",
                        "      one",
                        "      two",
                        "      three"),
                table.failures());
    }

    @Test
    void wantsAnOperationAndADeviceThatThereAre() {
        assertMistake(
                "--only \"telepathy\" leaves nothing to run; operations are called rms_norm, ", "--only", "telepathy");
        assertMistake("--device wants ptx, cuda or cuda:N, got \"abacus\"", "--device", "abacus");
    }

    private static void assertMistake(String sentence, String... options) {
        Command command = Command.run("kernels", "verify", options[0], options[1]);
        assertEquals(2, command.status());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(command.err().contains(sentence), command.err());
    }

    @Test
    void checksAPtxOfOnesOwn() throws IOException {
        Path file = write("mine.ptx", known());
        Command command = Command.run("kernels", "check", file.toString());
        assertEquals(0, command.status(), command.err());
        assertTrue(
                command.out().startsWith(file + ": 1 kernels, all instructions known\n  known: registers "),
                command.out());
        assertTrue(command.out().contains("shared memory 2048 bytes, 16-byte accesses 40 %, HMMA 1"), command.out());
    }

    @Test
    void refusesAPtxThatIsNone() throws IOException {
        String known = known();
        assertRefused(
                "unknown instruction `bar.sink 0;`", write("a.ptx", known.replaceFirst("bar\\.sync", "bar.sink")));
        assertRefused("the text ends in the middle", write("b.ptx", known.substring(0, 1500)));
        assertRefused("there is no such file", folder.resolve("c.ptx"));
        Path binary = folder.resolve("d.ptx");
        Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertRefused("is no text; kernels check wants PTX", binary);
        // an instruction that the machine knows, on registers of another kind
        String other = known.replaceFirst("ex2\\.approx\\.ftz\\.f32", "tanh.approx.bf16x2");
        assertRefused("ptxas for sm_80: ", write("e.ptx", other));
    }

    private static void assertRefused(String sentence, Path file) {
        Command command = Command.run("kernels", "check", file.toString());
        assertEquals(2, command.status(), command.out());
        assertEquals(1, command.complaints().size(), command.err());
        assertTrue(command.err().contains(sentence), command.err());
    }

    @Test
    void aReportWantsTheSources() {
        Command command = Command.run(
                "kernels", "report", "--sources", folder.resolve("nowhere").toString());
        assertEquals(2, command.status());
        assertTrue(command.err().contains("run this in the folder of the sources"), command.err());
    }

    @Test
    void everyOperationHasHardAndStandardShapes() {
        List<String> hard = ShippedChecks.hard().stream()
                .map(check -> check.name())
                .distinct()
                .sorted()
                .toList();
        List<String> standard = ShippedChecks.standard().stream()
                .map(check -> check.name())
                .distinct()
                .sorted()
                .toList();
        assertEquals(hard, standard);
        try (KernelVerification machine = KernelVerification.onMachine()) {
            assertTrue(machine.launched().isEmpty());
        }
    }

    private Path write(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content);
    }

    private static String known() throws IOException {
        try (InputStream in = KernelsCommandTest.class.getResourceAsStream("/ptx/known.ptx")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
