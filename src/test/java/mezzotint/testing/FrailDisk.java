package mezzotint.testing;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.WatchService;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.List;
import java.util.Set;

/**
 * The real disk up to its n-th change; then, as after {@code kill -9}, nothing more happens, or, as on a full disk, nothing more
 * fits. A write at that point gets half of its bytes down.
 */
public final class FrailDisk extends FileSystem {
    /** What happens at the n-th change. */
    public enum End {
        /** The process is gone: this change and every later one throws {@link Crash}. */
        CRASH,
        /** No file or folder can be made or grow; deleting and renaming work. */
        FULL
    }

    /** The process is gone. */
    public static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final End end;
    private final long last;
    private final FileSystemProvider provider = new FrailProvider(this);
    private long changes;

    private FrailDisk(End end, long last) {
        this.end = end;
        this.last = last;
    }

    /** A disk whose change number {@code last}, from 1, is the one that ends it. */
    public static FrailDisk endingAt(End end, long last) {
        return new FrailDisk(end, last);
    }

    /** A disk that only counts. */
    public static FrailDisk sound() {
        return new FrailDisk(End.CRASH, Long.MAX_VALUE);
    }

    /** That path on this disk. */
    public Path of(Path real) {
        return new FrailPath(this, real);
    }

    /** Changes asked for so far: files made, written, synced, renamed, deleted, and folders alike. */
    public long changes() {
        return changes;
    }

    /** Counts a change that frees space or takes none. */
    void change() {
        if (++changes >= last && end == End.CRASH) {
            throw new Crash();
        }
    }

    /** Counts a change that takes space. */
    void grow() throws IOException {
        change();
        if (changes >= last) {
            throw new IOException("No space left on device");
        }
    }

    /** Whether the next change is the one that ends it. */
    boolean isNextTheLast() {
        return changes + 1 == last;
    }

    @Override
    public FileSystemProvider provider() {
        return provider;
    }

    @Override
    public void close() {}

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public boolean isReadOnly() {
        return false;
    }

    @Override
    public String getSeparator() {
        return FileSystems.getDefault().getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories() {
        return List.of();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
        return List.of();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
        return FileSystems.getDefault().supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more) {
        return of(Path.of(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher(pattern);
        return path -> matcher.matches(FrailPath.real(path));
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
        throw new UnsupportedOperationException();
    }

    @Override
    public WatchService newWatchService() {
        throw new UnsupportedOperationException();
    }
}
