package mezzotint.text;

import static mezzotint.text.BundleWriter.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import mezzotint.tensor.Shape;
import mezzotint.testing.Tensors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class TensorBundleTest {
    private static final BundleWriter WRITER = writer();

    private static BundleWriter writer() {
        BundleWriter writer = new BundleWriter();
        for (int layer = 0; layer < 12; layer++) { // sorts as 0, 1, 10, 11, 2, …
            writer.add("bert/layer_" + layer + "/dense/kernel", Tensors.normals(layer, 6), 2, 3);
            writer.add("bert/layer_" + layer + "/dense/bias", Tensors.normals(100 + layer, 3), 3);
        }
        return writer.add("step", new float[] {7}).add("none", new float[0], 0, 4);
    }

    @Test
    void masksTheChecksumAsLevelDbDoes() {
        // RFC 3720, B.4: the CRC-32C of 32 zero bytes, aa 36 91 8a on the wire
        CRC32C crc = new CRC32C();
        crc.update(new byte[32]);
        assertEquals(0x8a9136aaL, crc.getValue());
        // 8a9136aa = 1000 1010 1001 0001 0|011 0110 1010 1010: rotated right by 15 it is 6d55 1522, plus a282ead8.
        assertEquals(0x6d551522 + 0xa282ead8, SortedTable.masked(crc));
    }

    @Test
    void readsEveryVariable() throws IOException {
        TensorBundle bundle = TensorBundle.parse(WRITER.index(), "test");
        assertEquals(26, bundle.names().size());
        BundleData data = new BundleData(new ByteArrayInputStream(WRITER.data()), "test");
        for (int layer : new int[] {0, 10, 11, 2, 9}) { // in the order of the file, some left out
            BundleEntry entry = bundle.floats("bert/layer_" + layer + "/dense/kernel");
            assertEquals(Shape.of(2, 3), entry.shape());
            assertArrayEquals(Tensors.normals(layer, 6), data.floats(entry));
        }
        assertEquals(0, data.floats(bundle.floats("none")).length);
        assertArrayEquals(new float[] {7}, data.floats(bundle.floats("step")));
    }

    @Test
    void readsVariablesLargerThanAPiece() throws IOException {
        float[] large = Tensors.normals(1, 200_001);
        BundleWriter writer = new BundleWriter().add("large", large, large.length);
        BundleEntry entry = TensorBundle.parse(writer.index(), "test").floats("large");
        assertArrayEquals(large, new BundleData(new ByteArrayInputStream(writer.data()), "test").floats(entry));
    }

    @Property(tries = 300)
    void noticesAByteThatChanged(@ForAll int at, @ForAll @IntRange(min = 1, max = 255) int change) {
        byte[] index = WRITER.index();
        int position = Math.floorMod(at, index.length);
        index[position] ^= (byte) change;
        // Three parts carry no sum: the padding and the handle of the unused meta block in the footer, and that block
        // itself.
        try {
            assertEquals(
                    TensorBundle.parse(WRITER.index(), "test").names(),
                    TensorBundle.parse(index, "test").names());
            assertTrue(position >= index.length - 48 - 200, "byte " + position + " changed and nobody noticed");
        } catch (MalformedBundleException e) {
            assertTrue(e.getMessage().startsWith("test: "), e.getMessage());
        }
    }

    @Property(tries = 100)
    void noticesACutIndex(@ForAll int at) {
        byte[] index = WRITER.index();
        byte[] cut = Arrays.copyOf(index, Math.floorMod(at, index.length));
        assertThrows(MalformedBundleException.class, () -> TensorBundle.parse(cut, "test"));
    }

    @Property(tries = 200)
    void anyMessageIsReadOrRefused(@ForAll byte[] message) {
        try {
            BundleEntry.parse("x", message, "test");
        } catch (MalformedBundleException e) {
            assertTrue(e.getMessage().startsWith("test: "), e.getMessage());
        }
    }

    @Test
    void noticesDamagedAndCutData() {
        BundleEntry bias = TensorBundle.parse(WRITER.index(), "test").floats("bert/layer_0/dense/bias");
        byte[] damaged = WRITER.data();
        damaged[5] ^= 1;
        var e = assertThrows(MalformedBundleException.class, () -> read(damaged, bias));
        assertEquals(
                "test: the checksum of variable bert/layer_0/dense/bias does not agree with its bytes. Fetch the file"
                        + " again.",
                e.getMessage());
        e = assertThrows(MalformedBundleException.class, () -> read(Arrays.copyOf(damaged, 11), bias));
        assertEquals(
                "test: the data ends within variable bert/layer_0/dense/bias. Fetch the file again.", e.getMessage());
    }

    @Test
    void saysWhyTheDataCannotBeRead() {
        BundleEntry bias = TensorBundle.parse(WRITER.index(), "test").floats("bert/layer_0/dense/bias");
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("invalid block type");
            }
        };
        var e = assertThrows(MalformedBundleException.class, () -> new BundleData(failing, "test").floats(bias));
        assertEquals(
                "test: variable bert/layer_0/dense/bias cannot be read (invalid block type). Fetch the file again.",
                e.getMessage());
    }

    private static float[] read(byte[] data, BundleEntry entry) throws IOException {
        return new BundleData(new ByteArrayInputStream(data), "test").floats(entry);
    }

    @Test
    void namesTheMissingVariable() {
        TensorBundle bundle = TensorBundle.parse(WRITER.index(), "test");
        var e = assertThrows(MalformedBundleException.class, () -> bundle.floats("bert/pooler"));
        assertEquals("test: there is no variable bert/pooler among the 26. Fetch the file again.", e.getMessage());
    }

    @Test
    void refusesWhatItCannotRead() {
        byte[] shape = message().bytes(2, message().varint(1, 2).done()).done();
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("a", message().varint(1, 2).bytes(2, shape).varint(5, 16).done());
        entries.put("b", message().varint(1, 1).bytes(2, shape).varint(5, 7).done());
        assertRefused(entries, "a", "variable a is of type 2, expected 1 (float32)");
        assertRefused(entries, "b", "variable b: (2) takes 8 bytes, got 7");
        entries.put("c", message().varint(1, 1).bytes(7, new byte[0]).done());
        assertRefused(entries, "c", "tensor c is stored in slices, which are not read");
        entries.replace("c", message().varint(1, 1).varint(3, 1).done());
        assertRefused(entries, "c", "c: shard 1, expected 0");
    }

    private static void assertRefused(Map<String, byte[]> entries, String name, String problem) {
        Map<String, byte[]> table = new LinkedHashMap<>();
        table.put("", message().varint(1, 1).done());
        table.putAll(entries);
        var e = assertThrows(
                MalformedBundleException.class,
                () -> TensorBundle.parse(BundleWriter.table(table), "test").floats(name));
        assertEquals("test: " + problem + ". Fetch the file again.", e.getMessage());
    }

    @Test
    void refusesAFileOfAnotherKind() {
        byte[] text =
                "this is no table, whatever its name may say, and it is long enough".getBytes(StandardCharsets.UTF_8);
        var e = assertThrows(MalformedBundleException.class, () -> TensorBundle.parse(text, "test"));
        assertTrue(e.getMessage().contains("expected db4775248b80fb57"), e.getMessage());
        Map<String, byte[]> headless = Map.of("a", new byte[0]);
        e = assertThrows(
                MalformedBundleException.class, () -> TensorBundle.parse(BundleWriter.table(headless), "test"));
        assertEquals("test: the header, the entry of the empty key, is missing. Fetch the file again.", e.getMessage());
        Map<String, byte[]> twoFiles = Map.of("", message().varint(1, 2).done());
        e = assertThrows(
                MalformedBundleException.class, () -> TensorBundle.parse(BundleWriter.table(twoFiles), "test"));
        assertEquals("test: header: 2 data files, expected 1. Fetch the file again.", e.getMessage());
        assertEquals(
                List.of(),
                TensorBundle.parse(
                                BundleWriter.table(
                                        Map.of("", message().varint(1, 1).done())),
                                "test")
                        .names());
    }
}
