package mezzotint.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import mezzotint.tensor.Shape;

/** Writes tiny tensor bundles as TensorFlow would, block by block, with shared key prefixes. */
final class BundleWriter {
    private static final int ENTRIES_A_BLOCK = 5;
    private static final int RESTART_INTERVAL = 3;

    private record Variable(Shape shape, float[] values) {}

    private final Map<String, Variable> variables = new TreeMap<>();

    BundleWriter add(String name, float[] values, long... dims) {
        variables.put(name, new Variable(Shape.of(dims), values));
        return this;
    }

    /** The data file: variables in the order of their names. */
    byte[] data() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        variables.values().forEach(variable -> out.writeBytes(bytes(variable.values)));
        return out.toByteArray();
    }

    /** The index file. */
    byte[] index() {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put(
                "",
                message().varint(1, 1).bytes(3, message().varint(1, 1).done()).done());
        long offset = 0;
        for (var variable : variables.entrySet()) {
            byte[] bytes = bytes(variable.getValue().values);
            Message shape = message();
            for (long dim : variable.getValue().shape.dims()) {
                shape.bytes(2, message().varint(1, dim).done());
            }
            Message entry = message().varint(1, 1).bytes(2, shape.done());
            if (offset > 0) { // protobuf leaves zeros out
                entry.varint(4, offset);
            }
            entries.put(
                    variable.getKey(),
                    entry.varint(5, bytes.length).fixed32(6, masked(bytes)).done());
            offset += bytes.length;
        }
        return table(entries);
    }

    static byte[] table(Map<String, byte[]> entries) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        Map<String, byte[]> index = new LinkedHashMap<>();
        List<String> keys = new ArrayList<>(entries.keySet());
        for (int from = 0; from < keys.size(); from += ENTRIES_A_BLOCK) {
            Map<String, byte[]> block = new LinkedHashMap<>();
            List<String> some = keys.subList(from, Math.min(from + ENTRIES_A_BLOCK, keys.size()));
            some.forEach(key -> block.put(key, entries.get(key)));
            index.put(some.getLast(), block(file, block));
        }
        byte[] meta = block(file, Map.of());
        byte[] root = block(file, index);
        ByteBuffer footer =
                ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN).put(meta).put(root);
        file.writeBytes(footer.putLong(40, 0xdb4775248b80fb57L).array());
        return file.toByteArray();
    }

    /** Appends a block and returns its handle. */
    private static byte[] block(ByteArrayOutputStream file, Map<String, byte[]> entries) {
        Message block = message();
        List<Integer> restarts = new ArrayList<>(List.of(0));
        byte[] before = {};
        int count = 0;
        for (var entry : entries.entrySet()) {
            byte[] key = entry.getKey().getBytes(StandardCharsets.UTF_8);
            int shared = 0;
            if (count > 0 && count % RESTART_INTERVAL == 0) {
                restarts.add(block.out.size());
            } else {
                while (shared < Math.min(key.length, before.length) && key[shared] == before[shared]) {
                    shared++;
                }
            }
            block.number(shared).number(key.length - shared).number(entry.getValue().length);
            block.out.write(key, shared, key.length - shared);
            block.out.writeBytes(entry.getValue());
            before = key;
            count++;
        }
        restarts.forEach(block::little);
        block.little(restarts.size());
        int offset = file.size();
        int size = block.out.size();
        block.out.write(0);
        file.writeBytes(block.done());
        file.writeBytes(message().little(masked(block.done())).done());
        return message().number(offset).number(size).done();
    }

    static int masked(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        long value = crc.getValue();
        return (int) (((value >>> 15) | (value << 17)) + 0xa282ead8L);
    }

    static byte[] bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    static Message message() {
        return new Message();
    }

    /** A protobuf message. */
    static final class Message {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Message number(long value) {
            long left = value;
            while ((left & ~0x7fL) != 0) {
                out.write((int) (left & 0x7f | 0x80));
                left >>>= 7;
            }
            out.write((int) left);
            return this;
        }

        Message little(int value) {
            out.writeBytes(ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(value)
                    .array());
            return this;
        }

        Message varint(int field, long value) {
            return number((long) field << 3).number(value);
        }

        Message fixed32(int field, int value) {
            return number((long) field << 3 | 5).little(value);
        }

        Message bytes(int field, byte[] value) {
            number((long) field << 3 | 2).number(value.length);
            out.writeBytes(value);
            return this;
        }

        byte[] done() {
            return out.toByteArray();
        }
    }
}
