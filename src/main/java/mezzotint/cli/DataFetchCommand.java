package mezzotint.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import mezzotint.data.EmojiFetch;
import mezzotint.data.NpmClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mezzotint data fetch}. */
@Command(
        name = "fetch",
        description = {
            "Fetches 1,900 Noto emoji (64 px, Apache-2.0) with their names in a hundred languages, through the npm"
                    + " client.",
            "",
            "About 80 MB to download; packages are checked by SHA-512. Train on them with --data emoji.%n"
        })
final class DataFetchCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--into", paramLabel = "FOLDER", description = "Put it there instead of the user's cache folder.")
    private Path into;

    DataFetchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Path cache = into == null ? EmojiFetch.userCache() : into;
        EmojiFetch.Fetched fetched = new EmojiFetch(new NpmClient())
                .into(
                        cache,
                        progress -> console.err()
                                .println("%d/%d %s".formatted(progress.done(), progress.total(), progress.step())));
        console.out()
                .println("%s %d pictures, %d captions in %d languages: %s"
                        .formatted(
                                fetched.fresh() ? "fetched" : "already there:",
                                fetched.pictures(),
                                fetched.captions(),
                                fetched.languages(),
                                fetched.folder()));
        console.out()
                .println("to train on it: mezzotint train --data %s"
                        .formatted(into == null ? TrainingData.EMOJI : Words.quoted(fetched.folder())));
        return ExitCode.OK;
    }
}
