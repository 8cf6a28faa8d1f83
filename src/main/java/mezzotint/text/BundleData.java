package mezzotint.text;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import mezzotint.io.ThrowingConsumer;

/** The data file of a tensor bundle, read once from front to back, so that it need not be unpacked to the disk. */
final class BundleData {
    private static final int CHUNK_BYTES = 1 << 18;

    private final InputStream in;
    private final String source;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private long position;

    BundleData(InputStream in, String source) {
        this.in = in;
        this.source = source;
    }

    /** Bytes passed so far. */
    long position() {
        return position;
    }

    /**
     * Hands on the float32 bytes of a variable, piece after piece, each of whole elements.
     *
     * @throws MalformedBundleException where the file ends too soon or the checksum does not agree
     * @throws IllegalArgumentException where the variable lies before one that was read already
     */
    void read(BundleEntry entry, ThrowingConsumer<ByteBuffer> pieces) throws IOException {
        if (entry.offset() < position) {
            throw new IllegalArgumentException(
                    "%s lies at byte %d, before byte %d".formatted(entry.name(), entry.offset(), position));
        }
        CRC32C crc = new CRC32C();
        try {
            in.skipNBytes(entry.offset() - position);
            for (long left = entry.size(); left > 0; ) {
                int count = (int) Math.min(left, CHUNK_BYTES);
                if (in.readNBytes(chunk, 0, count) < count) {
                    throw new EOFException();
                }
                crc.update(chunk, 0, count);
                pieces.accept(ByteBuffer.wrap(chunk, 0, count).order(ByteOrder.LITTLE_ENDIAN));
                left -= count;
            }
        } catch (EOFException e) {
            throw new MalformedBundleException(source, "the data ends within variable " + entry.name());
        }
        position = entry.offset() + entry.size();
        if (SortedTable.masked(crc) != entry.crc()) {
            throw new MalformedBundleException(
                    source, "the checksum of variable " + entry.name() + " does not agree with its bytes");
        }
    }

    /** All elements of a variable; see {@link #read}. */
    float[] floats(BundleEntry entry) throws IOException {
        float[] values = new float[Math.toIntExact(entry.shape().elements())];
        int[] filled = {0};
        read(entry, piece -> {
            int count = piece.remaining() / Float.BYTES;
            piece.asFloatBuffer().get(values, filled[0], count);
            filled[0] += count;
        });
        return values;
    }
}
