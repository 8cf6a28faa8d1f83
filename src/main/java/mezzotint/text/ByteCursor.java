package mezzotint.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads varints and little-endian numbers from bytes and never beyond their end. */
final class ByteCursor {
    private static final int LONGEST_VARINT = 10;

    private final ByteBuffer bytes;
    private final String source;

    ByteCursor(byte[] bytes, String source) {
        this(ByteBuffer.wrap(bytes), source);
    }

    private ByteCursor(ByteBuffer bytes, String source) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
        this.source = source;
    }

    int remaining() {
        return bytes.remaining();
    }

    /** A base-128 number, low groups first, of at most 64 bits. */
    long varint() {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT; i++) {
            require(1, "a varint");
            byte group = bytes.get();
            value |= (group & 0x7fL) << (7 * i);
            if (group >= 0) {
                return value;
            }
        }
        throw malformed(
                "a varint of more than %d bytes ends before byte %d".formatted(LONGEST_VARINT, bytes.position()));
    }

    /** A varint that counts bytes still to come. */
    int length(String what) {
        return checkedLength(varint(), what);
    }

    int fixed32(String what) {
        require(Integer.BYTES, what);
        return bytes.getInt();
    }

    long fixed64(String what) {
        require(Long.BYTES, what);
        return bytes.getLong();
    }

    byte[] bytes(int count, String what) {
        require(count, what);
        byte[] copy = new byte[count];
        bytes.get(copy);
        return copy;
    }

    /** The next {@code count} bytes as a cursor of their own; this one moves past them. */
    ByteCursor take(int count, String what) {
        require(count, what);
        ByteBuffer part = bytes.slice(bytes.position(), count);
        bytes.position(bytes.position() + count);
        return new ByteCursor(part, source);
    }

    /** {@code size} bytes from {@code offset} of the whole, wherever this cursor stands. */
    ByteCursor at(long offset, long size, String what) {
        if (offset < 0 || size < 0 || offset > bytes.capacity() || size > bytes.capacity() - offset) {
            throw malformed("%s: %d bytes from byte %d do not lie within %d bytes"
                    .formatted(what, size, offset, bytes.capacity()));
        }
        return new ByteCursor(bytes.slice((int) offset, (int) size), source);
    }

    MalformedBundleException malformed(String problem) {
        return new MalformedBundleException(source, problem);
    }

    private int checkedLength(long length, String what) {
        if (length < 0 || length > bytes.remaining()) {
            throw malformed("%s: %d bytes are announced, %d are left".formatted(what, length, bytes.remaining()));
        }
        return (int) length;
    }

    private void require(int count, String what) {
        checkedLength(count, what);
    }
}
