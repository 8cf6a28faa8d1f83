package mezzotint.ablation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * Scalars in the format that TensorBoard reads: a file of records, each an event in protocol buffers.
 *
 * <pre>record = length (8 bytes, little-endian) · maskedCrc(length) · event · maskedCrc(event)</pre>
 *
 * @see <a href="https://www.tensorflow.org/tutorials/load_data/tfrecord">TFRecord: the format of a record</a>
 */
public final class TensorBoardEvents {
    private static final int EVENT_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;
    private static final int DOUBLE = 1;
    private static final int VARINT = 0;
    private static final int BYTES = 2;
    private static final int FLOAT = 5;
    private static final int CRC_DELTA = 0xa282ead8;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** @param seconds since 1970, when the file was begun */
    public TensorBoardEvents(double seconds) {
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        fixed64(event, EVENT_TIME, seconds);
        bytes(event, EVENT_VERSION, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
        record(event.toByteArray());
    }

    /**
     * Adds a number.
     *
     * @param seconds since 1970
     * @param tag name of its chart, such as {@code loss/train}
     */
    public void scalar(double seconds, long step, String tag, double value) {
        ByteArrayOutputStream one = new ByteArrayOutputStream();
        bytes(one, VALUE_TAG, tag.getBytes(StandardCharsets.UTF_8));
        key(one, VALUE_SIMPLE, FLOAT);
        one.writeBytes(little(4).putFloat((float) value).array());
        ByteArrayOutputStream summary = new ByteArrayOutputStream();
        bytes(summary, SUMMARY_VALUE, one.toByteArray());
        ByteArrayOutputStream event = new ByteArrayOutputStream();
        fixed64(event, EVENT_TIME, seconds);
        key(event, EVENT_STEP, VARINT);
        varint(event, step);
        bytes(event, EVENT_SUMMARY, summary.toByteArray());
        record(event.toByteArray());
    }

    /** The file so far. */
    public byte[] toBytes() {
        return out.toByteArray();
    }

    private void record(byte[] event) {
        byte[] length = little(8).putLong(event.length).array();
        out.writeBytes(length);
        out.writeBytes(little(4).putInt(maskedCrc(length)).array());
        out.writeBytes(event);
        out.writeBytes(little(4).putInt(maskedCrc(event)).array());
    }

    private static int maskedCrc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Integer.rotateRight((int) crc.getValue(), 15) + CRC_DELTA;
    }

    private static void fixed64(ByteArrayOutputStream to, int field, double value) {
        key(to, field, DOUBLE);
        to.writeBytes(little(8).putDouble(value).array());
    }

    private static void bytes(ByteArrayOutputStream to, int field, byte[] value) {
        key(to, field, BYTES);
        varint(to, value.length);
        to.writeBytes(value);
    }

    private static void key(ByteArrayOutputStream to, int field, int wireType) {
        varint(to, ((long) field << 3) | wireType);
    }

    private static void varint(ByteArrayOutputStream to, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            to.write((int) (rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        to.write((int) rest);
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}
