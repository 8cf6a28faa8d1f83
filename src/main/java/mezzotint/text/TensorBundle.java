package mezzotint.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The index of a TensorFlow tensor bundle ({@code variables.index}): which variable lies where in the data file.
 *
 * @see <a href="https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/tensor_bundle.proto">the
 *     messages</a>
 */
final class TensorBundle {
    private final Map<String, BundleEntry> entries;
    private final String source;

    private TensorBundle(Map<String, BundleEntry> entries, String source) {
        this.entries = entries;
        this.source = source;
    }

    /**
     * Reads an index.
     *
     * @param index the whole file
     * @param source its name for messages
     * @throws MalformedBundleException where it breaks a rule of the format, or the data lies in several files
     */
    static TensorBundle parse(byte[] index, String source) {
        Map<String, byte[]> table = SortedTable.read(index, source);
        byte[] header = table.remove("");
        if (header == null) {
            throw new MalformedBundleException(source, "the header, the entry of the empty key, is missing");
        }
        BundleEntry.checkHeader(header, source);
        Map<String, BundleEntry> entries = new LinkedHashMap<>();
        table.forEach((name, message) -> entries.put(name, BundleEntry.parse(name, message, source)));
        return new TensorBundle(entries, source);
    }

    /** Names of all variables, in the order of the file. */
    List<String> names() {
        return List.copyOf(entries.keySet());
    }

    /**
     * The float32 variable of that name.
     *
     * @throws MalformedBundleException where there is none, it is of another type or its size is not that of its shape
     */
    BundleEntry floats(String name) {
        BundleEntry entry = entries.get(name);
        if (entry == null) {
            throw new MalformedBundleException(
                    source, "there is no variable %s among the %d".formatted(name, entries.size()));
        }
        if (entry.type() != BundleEntry.FLOAT) {
            throw new MalformedBundleException(
                    source, "variable %s is of type %d, expected 1 (float32)".formatted(name, entry.type()));
        }
        if (entry.size() != entry.shape().elements() * Float.BYTES) {
            throw new MalformedBundleException(
                    source,
                    "variable %s: %s takes %d bytes, got %d"
                            .formatted(name, entry.shape(), entry.shape().elements() * Float.BYTES, entry.size()));
        }
        return entry;
    }

    /** The file it was read from. */
    String source() {
        return source;
    }
}
