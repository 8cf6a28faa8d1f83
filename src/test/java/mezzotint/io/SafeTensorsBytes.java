package mezzotint.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Safetensors files built by hand. */
final class SafeTensorsBytes {
    private SafeTensorsBytes() {}

    /** A file with that header, its length stated truly, and that many bytes 0, 1, 2, … of data. */
    static byte[] file(String header, int dataBytes) {
        byte[] data = new byte[dataBytes];
        for (int i = 0; i < dataBytes; i++) {
            data[i] = (byte) i;
        }
        return file(header.getBytes(StandardCharsets.UTF_8), data);
    }

    /** A file with that header, its length stated truly, and that data. */
    static byte[] file(byte[] header, byte[] data) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .array());
        bytes.writeBytes(header);
        bytes.writeBytes(data);
        return bytes.toByteArray();
    }
}
