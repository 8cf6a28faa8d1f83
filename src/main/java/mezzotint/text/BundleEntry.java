package mezzotint.text;

import java.util.ArrayList;
import java.util.List;
import mezzotint.tensor.Shape;

/**
 * Where a tensor of a bundle lies: TensorFlow's {@code BundleEntryProto}.
 *
 * @param name the variable's name
 * @param type TensorFlow's {@code DataType}, 1 = float32
 * @param shape extents
 * @param offset first byte in the data file
 * @param size bytes
 * @param crc masked CRC-32C of the bytes
 */
record BundleEntry(String name, int type, Shape shape, long offset, long size, int crc) {
    static final int FLOAT = 1;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    static BundleEntry parse(String name, byte[] message, String source) {
        ByteCursor in = new ByteCursor(message, source);
        int type = 0;
        Shape shape = Shape.of();
        long offset = 0;
        long size = 0;
        int crc = 0;
        while (in.remaining() > 0) {
            long tag = in.varint();
            switch ((int) (tag >>> 3)) {
                case 1 -> type = (int) varint(in, tag, name);
                case 2 -> shape = shape(message(in, tag, name), name);
                case 3 -> requireZero(in, varint(in, tag, name), "shard", name);
                case 4 -> offset = varint(in, tag, name);
                case 5 -> size = varint(in, tag, name);
                case 6 -> crc = fixed32(in, tag, name);
                case 7 -> throw in.malformed("tensor " + name + " is stored in slices, which are not read");
                default -> skip(in, tag, name);
            }
        }
        if (offset < 0 || size < 0) {
            throw in.malformed("tensor %s: %d bytes from byte %d".formatted(name, size, offset));
        }
        return new BundleEntry(name, type, shape, offset, size, crc);
    }

    /** Checks the {@code BundleHeaderProto}: one data file, little-endian. */
    static void checkHeader(byte[] message, String source) {
        ByteCursor in = new ByteCursor(message, source);
        long shards = 0;
        while (in.remaining() > 0) {
            long tag = in.varint();
            switch ((int) (tag >>> 3)) {
                case 1 -> shards = varint(in, tag, "header");
                case 2 -> requireZero(in, varint(in, tag, "header"), "byte order", "header");
                default -> skip(in, tag, "header");
            }
        }
        if (shards != 1) {
            throw in.malformed("header: %d data files, expected 1".formatted(shards));
        }
    }

    private static Shape shape(ByteCursor in, String name) {
        List<Long> dims = new ArrayList<>();
        while (in.remaining() > 0) {
            long tag = in.varint();
            if (tag >>> 3 == 2) {
                dims.add(extent(message(in, tag, name), name));
            } else {
                skip(in, tag, name);
            }
        }
        try {
            return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw in.malformed("tensor %s: impossible shape %s".formatted(name, dims));
        }
    }

    private static long extent(ByteCursor in, String name) {
        long extent = 0;
        while (in.remaining() > 0) {
            long tag = in.varint();
            if (tag >>> 3 == 1) {
                extent = varint(in, tag, name);
            } else {
                skip(in, tag, name);
            }
        }
        return extent;
    }

    private static void requireZero(ByteCursor in, long value, String what, String name) {
        if (value != 0) {
            throw in.malformed("%s: %s %d, expected 0".formatted(name, what, value));
        }
    }

    private static long varint(ByteCursor in, long tag, String name) {
        requireWire(in, tag, VARINT, name);
        return in.varint();
    }

    private static int fixed32(ByteCursor in, long tag, String name) {
        requireWire(in, tag, FIXED32, name);
        return in.fixed32(name);
    }

    private static ByteCursor message(ByteCursor in, long tag, String name) {
        requireWire(in, tag, BYTES, name);
        return in.take(in.length(name), name);
    }

    private static void requireWire(ByteCursor in, long tag, int wire, String name) {
        if ((tag & 7) != wire) {
            throw in.malformed("%s: field %d has wire type %d, expected %d".formatted(name, tag >>> 3, tag & 7, wire));
        }
    }

    private static void skip(ByteCursor in, long tag, String name) {
        switch ((int) (tag & 7)) {
            case VARINT -> in.varint();
            case FIXED64 -> in.fixed64(name);
            case BYTES -> in.take(in.length(name), name);
            case FIXED32 -> in.fixed32(name);
            default -> throw in.malformed("%s: unknown wire type %d".formatted(name, tag & 7));
        }
    }
}
