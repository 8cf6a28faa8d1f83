package mezzotint.text;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import mezzotint.io.MalformedSafeTensorsException;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.io.StoredType;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/** States of prompts in files of their own, each named by a hash of what it depends on and carrying a hash of what it holds. */
final class PromptCache {
    private static final String STATES = "states";
    private static final String KEY = "key";
    private static final String DIGEST = "sha256";
    private static final int FOLDER_DIGITS = 2;

    private final Path folder;
    private final String identity;

    /**
     * A cache.
     *
     * @param folder where entries lie
     * @param identity of everything but the prompt that states depend on
     */
    PromptCache(Path folder, String identity) {
        this.folder = folder;
        this.identity = FileDigests.of(identity);
    }

    /** States (T, width) that were kept and are as they were; empty otherwise. */
    Optional<float[]> find(String prompt, int width) {
        String key = key(prompt);
        Path file = file(key);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (SafeTensors tensors = SafeTensors.open(file)) {
            return tensors.find(STATES)
                    .filter(states -> states.type() == StoredType.F32
                            && states.shape().rank() == 2
                            && states.shape().size(1) == width
                            && key.equals(tensors.metadata().get(KEY))
                            && digest(states.data()).equals(tensors.metadata().get(DIGEST)))
                    .map(SafeTensor::toFloats);
        } catch (MalformedSafeTensorsException e) {
            return Optional.empty(); // damaged: it is computed again and replaced
        }
    }

    /** Keeps states (T, width). */
    void keep(String prompt, float[] states, int width) {
        String key = key(prompt);
        Path file = file(key);
        FileDigests.makeFolder(file.getParent());
        Map<String, String> metadata = Map.of(KEY, key, DIGEST, digest(MemorySegment.ofArray(states)));
        new SafeTensorsWriter(metadata)
                .add(STATES, DType.F32, Shape.of(states.length / width, width), states)
                .write(file);
    }

    private String key(String prompt) {
        return FileDigests.of(identity + prompt);
    }

    private Path file(String key) {
        return folder.resolve(key.substring(0, FOLDER_DIGITS)).resolve(key + ".safetensors");
    }

    /** Of little-endian bytes, as they are on every machine that Java runs on here. */
    private static String digest(MemorySegment bytes) {
        return HexFormat.of().formatHex(FileDigests.sha256().digest(bytes.toArray(ValueLayout.JAVA_BYTE)));
    }
}
