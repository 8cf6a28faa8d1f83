package mezzotint.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tensors of a safetensors file, or of several with an index: mapped into memory, nothing copied.
 *
 * <p>Closing it unmaps the file; reading a tensor's data afterwards throws {@link IllegalStateException}. Any number of
 * threads may read. The file must not be cut short while it is open.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">the format</a>
 */
public final class SafeTensors implements AutoCloseable {
    private final String source;
    private final Map<String, SafeTensor> tensors;
    private final Map<String, String> metadata;
    private final Arena arena;

    SafeTensors(String source, Map<String, SafeTensor> tensors, Map<String, String> metadata, Arena arena) {
        this.source = source;
        this.tensors = Collections.unmodifiableMap(tensors);
        this.metadata = Collections.unmodifiableMap(metadata);
        this.arena = arena;
    }

    /**
     * Opens a file, or all files of a {@code *.safetensors.index.json}.
     *
     * @param path the file or the index
     * @throws FileReadException where it, or a file the index names, is missing or unreadable
     * @throws MalformedSafeTensorsException where a file breaks a rule of the format
     * @throws MalformedJsonException where the index is no JSON
     * @throws InconsistentShardsException where the index and the files disagree
     */
    public static SafeTensors open(Path path) {
        Arena arena = Arena.ofShared();
        try {
            if (path.getFileName() != null && path.getFileName().toString().endsWith(".index.json")) {
                return ShardIndex.read(path).open(arena);
            }
            SafeTensorsLayout layout = SafeTensorsLayout.of(map(path, arena), path.toString());
            return new SafeTensors(path.toString(), layout.tensors(), layout.metadata(), arena);
        } catch (RuntimeException | Error e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Reads a file that already lies in memory; closing the result does nothing.
     *
     * @param file the whole file
     * @param source its name for messages
     * @throws MalformedSafeTensorsException where it breaks a rule of the format
     */
    public static SafeTensors of(MemorySegment file, String source) {
        SafeTensorsLayout layout = SafeTensorsLayout.of(file, source);
        return new SafeTensors(source, layout.tensors(), layout.metadata(), Arena.ofShared());
    }

    static MemorySegment map(Path path, Arena arena) {
        if (Files.isDirectory(path)) {
            throw new FileReadException(path, "it is a folder. Give the path of a file.");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw FileReadException.of(path, e);
        }
    }

    /** Names of all tensors, in the order of the header or of the index. */
    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /** All tensors, in the order of {@link #names}. */
    public Collection<SafeTensor> tensors() {
        return tensors.values();
    }

    /**
     * The tensor of that name.
     *
     * @throws MissingTensorException where there is none
     */
    public SafeTensor get(String name) {
        return find(name).orElseThrow(() -> new MissingTensorException(name, source, names()));
    }

    /** The tensor of that name, or empty. */
    public Optional<SafeTensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /** The {@code __metadata__} of the file, or the {@code metadata} of the index. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** The file or index it was opened from. */
    public String source() {
        return source;
    }

    /** Unmaps the files; safe to call again. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
