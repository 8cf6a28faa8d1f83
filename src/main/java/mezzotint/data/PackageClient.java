package mezzotint.data;

import java.nio.file.Path;

/** Gets a published package's archive. */
@FunctionalInterface
public interface PackageClient {
    /**
     * Fetches one package.
     *
     * @param nameAndVersion such as {@code emojibase-data@17.0.0}
     * @param folder an empty folder to put the archive into
     * @return the archive, a {@code .tgz}
     * @throws FetchException if it cannot be had
     */
    Path fetch(String nameAndVersion, Path folder);
}
