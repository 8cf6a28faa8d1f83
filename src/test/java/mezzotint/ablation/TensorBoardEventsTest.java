package mezzotint.ablation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** Records read back field by field, with a checksum worked out bit by bit. */
class TensorBoardEventsTest {

    /** Castagnoli's polynomial, reflected, one bit at a time. */
    private static int crc32c(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc >>> 1) ^ ((crc & 1) != 0 ? 0x82f63b78 : 0);
            }
        }
        return ~crc;
    }

    private static int masked(byte[] bytes) {
        int crc = crc32c(bytes);
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static byte[] record(ByteBuffer file) {
        byte[] length = new byte[8];
        file.get(length);
        assertEquals(masked(length), file.getInt());
        byte[] event = new byte
                [(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
        file.get(event);
        assertEquals(masked(event), file.getInt());
        return event;
    }

    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = from.get();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    @Property(tries = 50)
    void aScalarIsReadBack(
            @ForAll @LongRange(min = 0) long step, @ForAll double seconds, @ForAll float value, @ForAll String tag) {
        TensorBoardEvents events = new TensorBoardEvents(1.5);
        events.scalar(seconds, step, tag, value);
        ByteBuffer file = ByteBuffer.wrap(events.toBytes()).order(ByteOrder.LITTLE_ENDIAN);
        // wall_time = 1.5 in field 1 (fixed 64 bit), file_version in field 3.
        assertArrayEquals(
                HexFormat.of().parseHex("09000000000000f83f" + "1a0d" + "627261696e2e4576656e743a32"), record(file));
        ByteBuffer event = ByteBuffer.wrap(record(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(0x09, event.get());
        assertEquals(seconds, event.getDouble());
        assertEquals(0x10, event.get());
        assertEquals(step, varint(event));
        assertEquals(0x2a, event.get()); // summary
        assertEquals(event.remaining() - lengthOfVarint(event), varint(event));
        assertEquals(0x0a, event.get()); // its value
        assertEquals(event.remaining() - lengthOfVarint(event), varint(event));
        assertEquals(0x0a, event.get()); // tag
        byte[] name = new byte[(int) varint(event)];
        event.get(name);
        assertArrayEquals(tag.getBytes(StandardCharsets.UTF_8), name);
        assertEquals(0x15, event.get()); // simple_value
        assertEquals(value, event.getFloat());
        assertEquals(0, event.remaining() + file.remaining());
    }

    private static int lengthOfVarint(ByteBuffer at) {
        int from = at.position();
        varint(at);
        int length = at.position() - from;
        at.position(from);
        return length;
    }
}
