package mezzotint.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import mezzotint.io.AtomicFolders;

/** Chooses the files that pictures go to, before they are drawn; never one that exists, unless forced. */
final class OutputFiles {
    private static final String ENDING = ".png";

    private final Optional<Path> out;
    private final boolean force;
    private final Set<Path> taken = new HashSet<>();

    /**
     * @param out a file ending in {@code .png}, or a folder; empty for the working folder
     * @param force whether existing files may be replaced
     */
    OutputFiles(Optional<Path> out, boolean force) {
        this.out = out;
        this.force = force;
    }

    /**
     * The file of a picture.
     *
     * @param name without an ending, used unless a file was given
     * @throws UserMistake when a file was given and exists, or has been used already
     */
    Path choose(String name) {
        if (out.isPresent() && isFile(out.get())) {
            Path file = out.get();
            if (!taken.add(file)) {
                throw new UserMistake("--out %s is one file and there are several pictures; give a folder", file);
            }
            if (Files.exists(file) && !force) {
                throw new UserMistake("%s exists already; add --force to replace it, or choose another file", file);
            }
            return file;
        }
        Path folder = out.orElse(Path.of(""));
        for (int i = 1; ; i++) {
            Path file = folder.resolve(name + (i == 1 ? "" : "-" + i) + ENDING);
            if (!taken.contains(file) && (force || !Files.exists(file))) {
                taken.add(file);
                return file;
            }
        }
    }

    /**
     * Makes the folders that the chosen files lie in.
     *
     * @throws mezzotint.io.FileWriteException where the file system refuses
     */
    void makeFolders() {
        for (Path file : taken) {
            AtomicFolders.make(file.toAbsolutePath().getParent());
        }
    }

    private static boolean isFile(Path path) {
        return path.toString().toLowerCase(java.util.Locale.ROOT).endsWith(ENDING) && !Files.isDirectory(path);
    }
}
