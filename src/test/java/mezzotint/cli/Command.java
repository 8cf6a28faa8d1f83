package mezzotint.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A command run in this process.
 *
 * @param status exit status
 * @param out standard output
 * @param err standard error
 */
record Command(int status, String out, String err) {
    /** Settings of a model that trains in milliseconds. */
    static final List<String> TINY = List.of(
            "--set",
            "model.preset=cpu_nano",
            "--set",
            "text.width=32",
            "--set",
            "text.heads=2",
            "--set",
            "text.layers=1",
            "--set",
            "text.max_tokens=24",
            "--set",
            "data.image_size=16",
            "--set",
            "run.batch_size=2",
            "--set",
            "run.checkpoint_every=0",
            "--set",
            "run.preview_every=0",
            "--threads",
            "1");

    /** Runs a command line. */
    static Command run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int status = Main.run(arguments, new PrintWriter(out), new PrintWriter(err));
        return new Command(status, out.toString(), err.toString());
    }

    /** Trains a tiny model. */
    static Command train(Path run, int steps, String... more) {
        return run(trainLine(run, steps, more).toArray(String[]::new));
    }

    /** The command line that trains a tiny model. */
    static List<String> trainLine(Path run, int steps, String... more) {
        List<String> line = new ArrayList<>(List.of("train", "--run", run.toString(), "--steps", "" + steps));
        line.addAll(TINY);
        line.addAll(List.of(more));
        return line;
    }

    /** The sentences on standard error that tell the user what is wrong. */
    List<String> complaints() {
        return err.lines().filter(line -> line.startsWith("mezzotint: ")).toList();
    }
}
