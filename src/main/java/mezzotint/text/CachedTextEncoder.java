package mezzotint.text;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import mezzotint.io.FileReadException;

/**
 * A published encoder that keeps states on disk: a prompt that was encoded before, by this or another process, is read and
 * neither tokenized nor encoded; where all are, tokenizer and weights are not even read.
 *
 * <p>An entry belongs to the bytes of weights and tokenizer, the cleaner, the length prompts are cut to and the words; when any
 * of them changes, states are computed anew. An entry that was damaged is computed again and replaced.
 */
public final class CachedTextEncoder implements FrozenTextEncoder {
    /** Of what is stored and how it is computed; another number forgets all entries. */
    private static final String VERSION = "mezzotint prompt states 1";

    private final PublishedTextEncoder encoder;
    private final Path folder;
    private Optional<PromptCache> cache = Optional.empty();

    /**
     * Puts a cache before an encoder, which it closes.
     *
     * @param folder of the cache; made when the first entry is
     */
    public CachedTextEncoder(PublishedTextEncoder encoder, Path folder) {
        this.encoder = encoder;
        this.folder = folder;
    }

    @Override
    public String name() {
        return encoder.name();
    }

    @Override
    public int width() {
        return encoder.width();
    }

    @Override
    public int maxTokens() {
        return encoder.maxTokens();
    }

    /**
     * {@inheritDoc}
     *
     * @throws mezzotint.io.FileWriteException where an entry cannot be written
     * @throws FileReadException where one cannot be read
     */
    @Override
    public List<float[]> states(List<String> prompts) {
        PromptCache entries = cache();
        Map<String, float[]> known = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        for (String prompt : new LinkedHashSet<>(prompts)) {
            entries.find(prompt, width())
                    .ifPresentOrElse(states -> known.put(prompt, states), () -> missing.add(prompt));
        }
        if (!missing.isEmpty()) {
            List<float[]> states = encoder.states(missing);
            for (int i = 0; i < missing.size(); i++) {
                entries.keep(missing.get(i), states.get(i), width());
                known.put(missing.get(i), states.get(i));
            }
        }
        return prompts.stream().map(known::get).toList();
    }

    private PromptCache cache() {
        if (cache.isEmpty()) {
            cache = Optional.of(new PromptCache(folder, identity()));
        }
        return cache.get();
    }

    private String identity() {
        FileDigests digests = new FileDigests(folder.resolve("files"));
        StringBuilder identity = new StringBuilder(VERSION);
        for (Path part : List.of(encoder.tower().folder(), encoder.tokenizerFolder())) {
            for (Path file : files(part)) {
                identity.append('\n').append(file.getFileName()).append(' ').append(digests.of(file));
            }
        }
        PublishedTextEncoder.Setup setup = encoder.setup();
        return identity.append("\ncleaner ")
                .append(setup.cleaner().label())
                .append("\ntokens ")
                .append(encoder.maxTokens())
                .append("\nmatrices ")
                .append(setup.tower().matrixType().map(Enum::name).orElse("as stored"))
                .append("\ncapped ")
                .append(setup.tower().softCapping())
                .toString();
    }

    /** Files that states depend on, in the order of their names. */
    private static List<Path> files(Path folder) {
        TreeSet<Path> files = new TreeSet<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*.{json,safetensors}")) {
            found.forEach(files::add);
        } catch (IOException e) {
            throw FileReadException.of(folder, e);
        }
        return List.copyOf(files);
    }

    /** Gives the network's memory back until a prompt comes that is not kept. */
    public void release() {
        encoder.release();
    }

    /** Closes the encoder; entries stay. */
    @Override
    public void close() {
        encoder.close();
    }
}
