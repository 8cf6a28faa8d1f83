package mezzotint.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** How many characters a line of the terminal holds. */
final class TerminalWidth {
    private static final int USUAL = 80;
    private static final int WIDEST = 140;

    private TerminalWidth() {}

    /** The width that {@code stty} tells, 80 where there is none; at most 140, to be read at a glance. */
    static int columns() {
        try {
            Process process = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String size = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
            boolean told = process.waitFor(1, TimeUnit.SECONDS) && size.matches("\\d+ [1-9]\\d*");
            return told ? Math.min(WIDEST, Integer.parseInt(size.substring(size.indexOf(' ') + 1))) : USUAL;
        } catch (IOException e) {
            return USUAL; // no stty on this system
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return USUAL;
        }
    }
}
