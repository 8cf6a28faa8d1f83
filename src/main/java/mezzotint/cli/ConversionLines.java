package mezzotint.cli;

import java.util.function.Consumer;
import mezzotint.text.ConversionProgress;

/** Tells once that a pretrained text encoder is being made ready. */
final class ConversionLines implements Consumer<ConversionProgress> {
    private final Console console;
    private boolean told;

    ConversionLines(Console console) {
        this.console = console;
    }

    @Override
    public void accept(ConversionProgress progress) {
        if (!told) {
            console.err().println("converting the downloaded text encoder, once …");
            told = true;
        }
    }
}
