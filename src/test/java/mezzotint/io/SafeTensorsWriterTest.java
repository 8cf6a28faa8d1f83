package mezzotint.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

class SafeTensorsWriterTest {
    private Path folder;
    private Path path;

    @BeforeTry
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("mezzotint");
        path = folder.resolve("weights.safetensors");
    }

    @AfterTry
    void removeFolder() throws IOException {
        Files.deleteIfExists(path);
        Files.delete(folder); // fails where a temporary file was left
    }

    record Case(
            List<String> names,
            List<DType> dtypes,
            List<List<Integer>> shapes,
            Map<String, String> metadata,
            long seed) {}

    @Property(tries = 150)
    void readsBackWhatWasWritten(@ForAll("cases") Case c) {
        var writer = new SafeTensorsWriter(c.metadata());
        var random = new Random(c.seed());
        List<byte[]> contents = new ArrayList<>();
        for (int i = 0; i < c.names().size(); i++) {
            Shape shape = shape(c, i);
            byte[] bytes = new byte[(int) shape.elements() * c.dtypes().get(i).bytes()];
            random.nextBytes(bytes);
            contents.add(bytes);
            writer.add(c.names().get(i), c.dtypes().get(i), shape, MemorySegment.ofArray(bytes));
        }
        writer.write(path);
        try (SafeTensors read = SafeTensors.open(path)) {
            assertEquals(c.names(), read.names());
            assertEquals(c.metadata(), read.metadata());
            int i = 0;
            for (SafeTensor tensor : read.tensors()) {
                assertEquals(c.dtypes().get(i), tensor.dtype());
                assertEquals(shape(c, i), tensor.shape());
                assertArrayEquals(contents.get(i), tensor.data().toArray(ValueLayout.JAVA_BYTE));
                i++;
            }
        }
    }

    private static Shape shape(Case c, int i) {
        return Shape.of(c.shapes().get(i).stream().mapToLong(Integer::longValue).toArray());
    }

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<String> text = Arbitraries.oneOf(
                Arbitraries.strings().ofMaxLength(8).filter(SafeTensorsWriterTest::isUnicode),
                Arbitraries.of("\"", "\\", "a\nb", "\u0000", "😀", "ü.weight", "", "\u2028", "blocks.0.w"));
        return text.list()
                .uniqueElements()
                .ofMaxSize(6)
                .flatMap(names -> Combinators.combine(
                                Arbitraries.just(names),
                                Arbitraries.of(DType.class).list().ofSize(names.size()),
                                Arbitraries.integers()
                                        .between(0, 5)
                                        .list()
                                        .ofMaxSize(4)
                                        .list()
                                        .ofSize(names.size()),
                                Arbitraries.maps(text, text).ofMaxSize(3),
                                Arbitraries.longs())
                        .as(Case::new));
    }

    private static boolean isUnicode(String text) {
        return java.nio.charset.StandardCharsets.UTF_8.newEncoder().canEncode(text) && !text.equals("__metadata__");
    }

    @Example
    void padsTheHeaderToEightBytes() throws IOException {
        for (int length = 1; length <= 9; length++) {
            new SafeTensorsWriter()
                    .add("x".repeat(length), DType.F32, Shape.of(1), new float[] {1})
                    .write(path);
            byte[] bytes = Files.readAllBytes(path);
            long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
            assertEquals(0, header % 8);
            assertEquals(8 + header + 4, bytes.length);
            assertEquals('{', bytes[8]);
        }
    }

    @Example
    void storesFloatsInEachFloatType() {
        // Ties to even: 1 + 2⁻⁸ lies between the bfloat16 1 and 1 + 2⁻⁷, 1 + 2⁻¹¹ between the float16 1 and 1 + 2⁻¹⁰.
        float[] values = {1 + 0x1p-8f, 1 + 0x1.8p-7f, -0f, 1e30f, Float.NEGATIVE_INFINITY, Float.NaN, 1 + 0x1p-11f};
        var writer = new SafeTensorsWriter();
        for (DType dtype : List.of(DType.F64, DType.F32, DType.BF16, DType.F16)) {
            writer.add(dtype.name(), dtype, Shape.of(7), values);
        }
        writer.write(path);
        try (SafeTensors read = SafeTensors.open(path)) {
            assertArrayEquals(values, read.get("F32").toFloats());
            assertArrayEquals(values, read.get("F64").toFloats());
            float near30 = 0x1.94p99f; // 1e30 = 1.5777…·2⁹⁹, between 1.5703125·2⁹⁹ and the nearer 1.578125·2⁹⁹
            assertArrayEquals(
                    new float[] {1, 1 + 0x1p-6f, -0f, near30, Float.NEGATIVE_INFINITY, Float.NaN, 1},
                    read.get("BF16").toFloats());
            float[] half = read.get("F16").toFloats();
            assertArrayEquals(
                    new float[] {
                        1 + 0x1p-8f, 1 + 0x1.8p-7f, -0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, 1
                    },
                    half);
        }
    }

    @Example
    void streamsManyChunks() {
        float[] values = new float[100_003];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        new SafeTensorsWriter()
                .add("floats", DType.F32, Shape.of(values.length), values)
                .add("segment", DType.F32, Shape.of(values.length), MemorySegment.ofArray(values))
                .write(path);
        try (SafeTensors read = SafeTensors.open(path)) {
            assertArrayEquals(values, read.get("floats").toFloats());
            assertArrayEquals(values, read.get("segment").toFloats());
        }
    }

    @Example
    void leavesNothingWhenASourceWritesTooLittleOrTooMuch() {
        for (int bytes : new int[] {0, 7, 9}) {
            var writer =
                    new SafeTensorsWriter().addStreamed("w", DType.F32, Shape.of(2), out -> out.write(new byte[bytes]));
            var thrown = assertThrows(IllegalStateException.class, () -> writer.write(path));
            assertEquals("tensor \"w\": its source should write 8 bytes and wrote " + bytes, thrown.getMessage());
            assertFalse(Files.exists(path));
        }
    }

    @Example
    void refusesWhatCannotBeStored() {
        var writer = new SafeTensorsWriter().add("a", DType.F32, Shape.of(), new float[1]);
        assertThrows(IllegalArgumentException.class, () -> writer.add("a", DType.F32, Shape.of(), new float[1]));
        assertThrows(
                IllegalArgumentException.class, () -> writer.add("__metadata__", DType.F32, Shape.of(), new float[1]));
        assertThrows(IllegalArgumentException.class, () -> writer.add("\ud800", DType.F32, Shape.of(), new float[1]));
        assertThrows(IllegalArgumentException.class, () -> writer.add("b", DType.F32, Shape.of(), new float[2]));
        assertThrows(IllegalArgumentException.class, () -> writer.add("b", DType.I32, Shape.of(), new float[1]));
        assertThrows(
                IllegalArgumentException.class,
                () -> writer.add("b", DType.I32, Shape.of(2), MemorySegment.ofArray(new byte[7])));
        assertThrows(IllegalArgumentException.class, () -> new SafeTensorsWriter(Map.of("k", "\udc00")));
        assertTrue(Files.notExists(path));
    }
}
