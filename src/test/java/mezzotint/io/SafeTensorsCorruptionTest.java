package mezzotint.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.statistics.Statistics;

class SafeTensorsCorruptionTest {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** What reading may allocate beside the file itself. */
    private static final long SPARE_BYTES = 64L << 20;

    private static final List<byte[]> VALID = List.of(
            withManyTensors(300),
            SafeTensorsBytes.file("{}", 0),
            SafeTensorsBytes.file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}  ", 8),
            SafeTensorsBytes.file(
                    "{\"__metadata__\":{\"k\":\"v\\n✓\"},\"ü\":{\"dtype\":\"BF16\",\"shape\":[2,3],"
                            + "\"data_offsets\":[0,12]},"
                            + "\"e\":{\"dtype\":\"I64\",\"shape\":[0,7],\"data_offsets\":[12,12]},"
                            + "\"s\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[12,13],\"more\":[{\"x\":1.5}]}}",
                    13));
    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "null",
            "true",
            "-1",
            "1e9",
            "0",
            "18446744073709551615",
            "9223372036854775808",
            "\"F32\"",
            "\"F64\"",
            "\"F4\"",
            "\"dtype\":\"U8\",",
            "\"__metadata__\":{},",
            "\\ud800",
            " ",
            "\u0000",
            "\uFEFF",
            "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[");
    private static final long[] LENGTHS = {
        0, 1, 7, 8, 100_000_000, 100_000_001, Integer.MAX_VALUE, Long.MAX_VALUE, -1, -8
    };

    /** A header as long as that of a published model. */
    private static byte[] withManyTensors(int count) {
        StringBuilder header = new StringBuilder("{\"__metadata__\":{\"format\":\"pt\"}");
        for (int i = 0; i < count; i++) {
            header.append(",\"blocks.%d.attention.img_qkv_proj.weight\":".formatted(i))
                    .append("{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[%d,%d]}"
                            .formatted(4 * i, 4 * i + 4));
        }
        return SafeTensorsBytes.file(header.append('}').toString(), 4 * count);
    }

    @Property(tries = 10_000, shrinking = ShrinkingMode.BOUNDED)
    void corruptionGivesAValidResultOrTheOneException(@ForAll("corrupted") byte[] file) {
        long start = THREADS.getCurrentThreadCpuTime();
        long before = THREADS.getCurrentThreadAllocatedBytes();
        boolean accepted = check(file);
        long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated <= file.length + SPARE_BYTES, () -> "%,d bytes allocated".formatted(allocated));
        // Reported, not asserted: how long anything takes on a shared machine says little about it.
        long milliseconds = (THREADS.getCurrentThreadCpuTime() - start) / 1_000_000;
        Statistics.label("processor time")
                .collect(milliseconds < 1 ? "< 1 ms" : milliseconds < 50 ? "< 50 ms" : "50 ms or more");
        Statistics.label("allocated").collect(allocated < 1 << 20 ? "< 1 MiB" : "1 MiB or more");
        Statistics.label("accepted").collect(accepted).coverage(coverage -> {
            coverage.check(true).count(n -> n > 300); // about 850: neither outcome may be the only one tried
            coverage.check(false).count(n -> n > 3000);
        });
    }

    @Property(tries = 200, shrinking = ShrinkingMode.BOUNDED)
    void fromAFileTooAndNothingStaysOpen(@ForAll("corrupted") byte[] file) throws IOException {
        Path path = Files.createTempFile("mezzotint", ".safetensors");
        try {
            Files.write(path, file);
            boolean accepted;
            try (SafeTensors opened = SafeTensors.open(path)) {
                accepted = opened.source().equals(path.toString());
            } catch (MalformedSafeTensorsException e) {
                accepted = false;
            }
            assertEquals(check(file), accepted);
        } finally {
            Files.delete(path);
        }
    }

    private static boolean check(byte[] bytes) {
        MemorySegment file = MemorySegment.ofArray(bytes);
        SafeTensors opened;
        try {
            opened = SafeTensors.of(file, "corrupted");
        } catch (MalformedSafeTensorsException e) {
            assertTrue(e.getMessage().contains("expected"), e::getMessage);
            return false;
        }
        long dataBytes = 0;
        for (SafeTensor tensor : opened.tensors()) {
            long begin = tensor.data().address() - file.address();
            assertTrue(begin >= 0 && begin + tensor.data().byteSize() <= bytes.length);
            assertEquals(
                    tensor.shape().elements() * tensor.type().bits(),
                    tensor.data().byteSize() * 8);
            dataBytes += tensor.data().byteSize();
        }
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(bytes.length - 8 - header, dataBytes);
        return true;
    }

    @Provide
    Arbitrary<byte[]> corrupted() {
        Arbitrary<Long> seeds = Arbitraries.longs();
        return Combinators.combine(Arbitraries.of(VALID), Arbitraries.integers().between(1, 3), seeds)
                .as((file, times, seed) -> {
                    Random random = new Random(seed);
                    byte[] bytes = file;
                    for (int i = 0; i < times; i++) {
                        bytes = corrupt(bytes, random);
                    }
                    return bytes;
                });
    }

    private static byte[] corrupt(byte[] file, Random random) {
        return switch (random.nextInt(9)) {
            case 0 -> withByte(file, random);
            case 1 -> Arrays.copyOf(file, random.nextInt(file.length + 1));
            case 2 -> Arrays.copyOf(file, file.length + 1 + random.nextInt(9));
            case 3 -> withLength(file, LENGTHS[random.nextInt(LENGTHS.length)]);
            case 4 -> withDigit(file, random);
            case 5 -> withSpace(file, random);
            default -> withPiece(file, random);
        };
    }

    private static byte[] withByte(byte[] file, Random random) {
        byte[] copy = file.clone();
        if (copy.length > 0) {
            copy[random.nextInt(copy.length)] = (byte) random.nextInt(256);
        }
        return copy;
    }

    private static byte[] withLength(byte[] file, long length) {
        byte[] copy = file.clone();
        if (copy.length >= Long.BYTES) {
            ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        }
        return copy;
    }

    /** Changes one number of the header. */
    private static byte[] withDigit(byte[] file, Random random) {
        byte[] copy = file.clone();
        int start = random.nextInt(Math.max(1, copy.length));
        for (int i = Math.max(start, Long.BYTES); i < copy.length; i++) {
            if (copy[i] >= '0' && copy[i] <= '9') {
                copy[i] = (byte) ('0' + random.nextInt(10));
                break;
            }
        }
        return copy;
    }

    /** Puts white space before or after a structural character of the header, which is no corruption. */
    private static byte[] withSpace(byte[] file, Random random) {
        int at = Long.BYTES + random.nextInt(Math.max(1, file.length));
        while (at < file.length && "{}[]:,".indexOf(file[at]) < 0) {
            at++;
        }
        return at < file.length ? replaced(file, at - Long.BYTES, 0, "\n") : file;
    }

    /** Puts a piece of JSON into the header, in place of some bytes, and states the new length truly. */
    private static byte[] withPiece(byte[] file, Random random) {
        if (file.length < Long.BYTES) {
            return file;
        }
        long stated = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        int header = (int) Math.max(0, Math.min(stated, file.length - Long.BYTES));
        int from = random.nextInt(header + 1);
        int to = Math.min(header, from + random.nextInt(5));
        return replaced(file, from, to - from, PIECES.get(random.nextInt(PIECES.size())));
    }

    private static byte[] replaced(byte[] file, int from, int count, String piece) {
        long stated = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        int header = (int) Math.max(0, Math.min(stated, file.length - Long.BYTES));
        if (from + count > header) {
            return file;
        }
        var changed = new ByteArrayOutputStream();
        changed.write(file, Long.BYTES, from);
        changed.writeBytes(piece.getBytes(StandardCharsets.UTF_8));
        changed.write(file, Long.BYTES + from + count, header - from - count);
        return SafeTensorsBytes.file(changed.toByteArray(), Arrays.copyOfRange(file, Long.BYTES + header, file.length));
    }
}
