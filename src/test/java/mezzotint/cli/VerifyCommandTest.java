package mezzotint.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyCommandTest {
    @TempDir
    Path folder;

    @Test
    void skipsKindsItDoesNotKnowAndDoesNotCallThatPassing() throws IOException {
        newCase("astrology_mars");
        Command command = Command.run("verify", folder.toString());
        assertEquals(1, command.status());
        assertTrue(command.out().contains("astrology_mars  SKIPPED (unknown kind)"), command.out());
        assertTrue(command.out().contains("0 passed, 0 failed, 1 skipped"), command.out());
        assertEquals(1, command.complaints().size());
        assertTrue(command.err().contains("nothing was run: every case is of an unknown kind"), command.err());
    }

    @Test
    void saysWhenThereIsNoCase() {
        Command command = Command.run("verify", folder.toString());
        assertEquals(1, command.status());
        assertTrue(command.err().contains("nothing was run: there is no case in the folders given"), command.err());
    }

    @Test
    void failsACaseThatCannotBeRunAndGoesOn() throws IOException {
        newCase("transformer_broken");
        newCase("transformer_broken_too");
        Command command = Command.run("verify", folder.toString());
        assertEquals(1, command.status());
        assertTrue(command.out().contains("0 passed, 2 failed, 0 skipped"), command.out());
        assertEquals(
                2,
                command.out().lines().filter(line -> line.contains("FAIL  (")).count(),
                command.out());
    }

    @Test
    void wantsFoldersThatExist() {
        Command command = Command.run("verify", folder.resolve("nowhere").toString());
        assertEquals(2, command.status());
        assertEquals(1, command.complaints().size());
    }

    private void newCase(String name) throws IOException {
        Files.writeString(Files.createDirectory(folder.resolve(name)).resolve("case.json"), "{}");
    }
}
