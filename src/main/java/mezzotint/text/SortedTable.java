package mezzotint.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The sorted string table of LevelDB, read whole: blocks of prefix-compressed entries, an index block, a footer.
 *
 * @see <a href="https://github.com/google/leveldb/blob/main/doc/table_format.md">the format</a>
 */
final class SortedTable {
    private static final int FOOTER_BYTES = 48;
    private static final long MAGIC = 0xdb4775248b80fb57L;
    private static final int MASK_DELTA = 0xa282ead8;

    private final byte[] file;
    private final String source;

    private SortedTable(byte[] file, String source) {
        this.file = file;
        this.source = source;
    }

    /**
     * All entries in the order of the file; keys are UTF-8.
     *
     * @throws MalformedBundleException where the file is cut, its sums do not agree or its blocks are compressed
     */
    static Map<String, byte[]> read(byte[] file, String source) {
        return new SortedTable(file, source).entries();
    }

    /** The CRC-32C in the form the format stores it. */
    static int masked(CRC32C crc) {
        return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
    }

    private Map<String, byte[]> entries() {
        ByteCursor whole = new ByteCursor(file, source);
        ByteCursor footer = whole.at((long) file.length - FOOTER_BYTES, FOOTER_BYTES, "footer");
        footer.varint(); // the metaindex block, which holds nothing we need
        footer.varint();
        long indexOffset = footer.varint();
        long indexSize = footer.varint();
        long magic =
                whole.at((long) file.length - Long.BYTES, Long.BYTES, "footer").fixed64("magic number");
        if (magic != MAGIC) {
            throw whole.malformed(
                    "no sorted table: its last 8 bytes are %016x, expected %016x".formatted(magic, MAGIC));
        }
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (byte[] handle :
                block(indexOffset, indexSize, new LinkedHashMap<>()).values()) {
            ByteCursor position = new ByteCursor(handle, source);
            block(position.varint(), position.varint(), entries);
        }
        return entries;
    }

    private Map<String, byte[]> block(long offset, long size, Map<String, byte[]> into) {
        String where = "block at byte " + offset;
        ByteCursor block = new ByteCursor(file, source).at(offset, size, where);
        ByteCursor trailer = new ByteCursor(file, source).at(offset + size, 1 + Integer.BYTES, where);
        int compression = trailer.bytes(1, where)[0];
        CRC32C crc = new CRC32C();
        crc.update(file, (int) offset, (int) size + 1);
        if (trailer.fixed32(where) != masked(crc)) {
            throw block.malformed(where + ": its checksum does not agree with its bytes");
        }
        if (compression != 0) {
            throw block.malformed(where + ": compression " + compression + ", expected 0 (none)");
        }
        int restarts = block.at(size - Integer.BYTES, Integer.BYTES, where).fixed32(where);
        long entryBytes = size - Integer.BYTES - (long) Integer.BYTES * restarts;
        readEntries(block.at(0, entryBytes, where), where, into);
        return into;
    }

    private static void readEntries(ByteCursor entries, String where, Map<String, byte[]> into) {
        byte[] key = {};
        while (entries.remaining() > 0) {
            long shared = entries.varint();
            long own = entries.varint();
            long valueBytes = entries.varint();
            if (shared < 0 || shared > key.length || own < 0 || own > entries.remaining()) {
                throw entries.malformed("%s: a key shares %d of %d bytes and adds %d of %d"
                        .formatted(where, shared, key.length, own, entries.remaining()));
            }
            byte[] next = Arrays.copyOf(key, (int) (shared + own));
            System.arraycopy(entries.bytes((int) own, where), 0, next, (int) shared, (int) own);
            key = next;
            if (valueBytes < 0 || valueBytes > entries.remaining()) {
                throw entries.malformed(
                        "%s: a value of %d bytes, %d are left".formatted(where, valueBytes, entries.remaining()));
            }
            into.put(new String(key, StandardCharsets.UTF_8), entries.bytes((int) valueBytes, where));
        }
    }
}
