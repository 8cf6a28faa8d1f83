package mezzotint.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import mezzotint.kernel.cuda.CudaPlaces;
import mezzotint.text.CommandRunner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code mezzotint cuda fetch}. */
@Command(
        name = "fetch",
        description = {
            "Fetches the libraries of CUDA 12.6 (cuBLAS, NVRTC, cuDNN) out of a Maven repository and unpacks them.",
            "",
            "About 2 GB to download, under NVIDIA's licence; the jar is checked by SHA-1. Only NVIDIA's driver is"
                    + " needed beside them. Not needed where a CUDA toolkit 12 or 13 is installed.%n"
        })
final class CudaFetchCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--into", paramLabel = "FOLDER", description = "Put them there instead of the user's cache folder.")
    private Path into;

    @Option(
            names = "--jar",
            paramLabel = "FILE",
            description = "Take them out of this copy of the jar instead of downloading it.")
    private Path jar;

    CudaFetchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Path folder = into == null ? CudaPlaces.ofSystem().cache().resolve(CudaPlaces.FETCHED) : into;
        CudaFetch fetch = CudaFetch.ofMaven(CommandRunner.ofSystem());
        CudaFetch.Fetched fetched = fetch.into(
                folder, Optional.ofNullable(jar), step -> console.err().println(step));
        console.out()
                .println(String.format(
                        Locale.ROOT,
                        "%s %d libraries, %.1f MiB: %s",
                        fetched.fresh() ? "fetched" : "already there:",
                        fetched.files(),
                        fetched.bytes() / (double) (1 << 20),
                        folder));
        console.out()
                .println(
                        into == null
                                ? "to see whether they are used: mezzotint doctor"
                                : "to have them found: export %s=%s"
                                        .formatted(CudaPlaces.FOLDERS_VARIABLE, Words.quoted(into.toAbsolutePath())));
        return ExitCode.OK;
    }
}
