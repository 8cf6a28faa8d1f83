package mezzotint.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTensorsTest {
    private static final String ENTRY = "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    private static SafeTensors parse(String header, int dataBytes) {
        return SafeTensors.of(MemorySegment.ofArray(SafeTensorsBytes.file(header, dataBytes)), "x.safetensors");
    }

    private static String message(String header, int dataBytes) {
        return assertThrows(MalformedSafeTensorsException.class, () -> parse(header, dataBytes))
                .getMessage();
    }

    @Test
    void keepsTheOrderOfTheHeader() {
        SafeTensors file = parse(
                "{\"z\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                        + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]},"
                        + "\"m\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                3);
        assertEquals(List.of("z", "a", "m"), file.names());
        assertEquals(
                List.of("z", "a", "m"),
                file.tensors().stream().map(SafeTensor::name).toList());
        assertArrayEquals(new long[] {1}, file.get("z").toLongs());
    }

    @Test
    void passesOverNestedUnknownFields() {
        String extra = "{\"x\":[1,{\"dtype\":\"I8\"},[]],\"y\":null}";
        SafeTensors file = parse("{\"a\":{\"extra\":" + extra + "," + ENTRY.substring(1) + "}", 8);
        assertEquals(StoredType.F32, file.get("a").type());
    }

    @Test
    void saysWhatIsWrongAndWhere() {
        assertEquals(
                "x.safetensors is no valid safetensors file: a: expected 8 bytes for F32 (2), got 12 bytes in"
                        + " data_offsets. Fetch or write it again.",
                message("{\"a\":" + ENTRY.replace("0,8", "0,12") + "}", 12));
        assertTrue(message("{\"a\":" + ENTRY.replace("0,8", "4,12") + "}", 12)
                .contains("a: expected data_offsets that begin at 0, where the tensor before ends, got [4, 12]"));
        assertTrue(message("{\"a\":" + ENTRY + "}", 9)
                .contains("data: expected 8 bytes, the end of the last tensor, got 9"));
        assertTrue(message("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8)
                .contains("a: expected a field data_offsets, got none"));
        assertTrue(message("{\"a\":" + ENTRY.replace("F32", "F31") + "}", 8).contains("got \"F31\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8e0]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[02],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":null,\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,18446744073709551616]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1e999}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":\"\\ud800\"}}",
                "{\"\\udc00\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"a\":null}",
                "{\"a\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,0]}}",
                "{'a':{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} {}",
                "\uFEFF{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"a\tb\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"__metadata__\":[],\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}"
            })
    void refusesWhatIsNotTheFormat(String header) {
        assertThrows(MalformedSafeTensorsException.class, () -> parse(header, 8));
    }

    @Test
    void readsHalfByteTypesThatFillWholeBytes() {
        SafeTensors file = parse("{\"a\":{\"dtype\":\"F4\",\"shape\":[2,3],\"data_offsets\":[0,3]}}", 3);
        assertEquals(3, file.get("a").data().byteSize());
        assertThrows(UnsupportedDTypeException.class, () -> file.get("a").toFloats());
    }

    @Test
    void refusesHalfByteTypesThatEndWithinAByte() {
        assertTrue(message("{\"a\":{\"dtype\":\"F4\",\"shape\":[1],\"data_offsets\":[0,0]}}", 0)
                .contains("a: expected a whole number of bytes, got 4 bits"));
    }

    @Test
    void refusesThe128thLevelOfNesting() {
        // The reference stops at column 132 of deeply_nested.safetensors: {"a": and its 127th bracket.
        String header = "{\"a\":{\"extra\":%s,\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}";
        assertEquals(
                1,
                parse(header.formatted("[".repeat(125) + "]".repeat(125)), 1)
                        .names()
                        .size());
        assertTrue(
                message(header.formatted("[".repeat(126) + "]".repeat(126)), 1).contains("header: expected JSON"));
    }

    @Test
    void refusesAHeaderOfNothingButNumbers() {
        String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[" + "1,".repeat(2000) + "1],\"data_offsets\":[0,1]}}";
        assertTrue(message(header, 1).contains("at most 1024 numbers in shape"));
    }

    @Test
    void namesTheTensorsThereAreWhenAskedForAnother() {
        var thrown = assertThrows(
                MissingTensorException.class,
                () -> parse("{\"a\":" + ENTRY + "}", 8).get("b"));
        assertEquals(
                "there is no tensor \"b\" among the 1 of x.safetensors (a, …); is it a checkpoint of another model?",
                thrown.getMessage());
        assertFalse(parse("{\"a\":" + ENTRY + "}", 8).find("b").isPresent());
    }

    @Test
    void unmapsOnClose(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("a.safetensors");
        Files.write(path, SafeTensorsBytes.file("{\"a\":" + ENTRY + "}", 8));
        SafeTensors file = SafeTensors.open(path);
        SafeTensor tensor = file.get("a");
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, tensor::toFloats);
    }

    @Test
    void saysWhatIsWrongWithThePath(@TempDir Path folder) {
        Path missing = folder.resolve("none.safetensors");
        assertEquals(
                "cannot read " + missing + ": there is no such file. Check the path.",
                assertThrows(FileReadException.class, () -> SafeTensors.open(missing))
                        .getMessage());
        assertTrue(assertThrows(FileReadException.class, () -> SafeTensors.open(folder))
                .getMessage()
                .contains("it is a folder"));
    }

    @Test
    void mapsAFileBeyondTwoGibibytes(@TempDir Path folder) throws Exception {
        long bytes = 3L << 30; // sparse: takes no disk
        Path path = folder.resolve("large.safetensors");
        byte[] head = SafeTensorsBytes.file(
                ("{\"a\":{\"dtype\":\"BF16\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                                + "\"b\":{\"dtype\":\"I32\",\"shape\":[],\"data_offsets\":[%d,%d]}}")
                        .formatted((bytes - 4) / 2, bytes - 4, bytes - 4, bytes),
                0);
        try (var file = new java.io.RandomAccessFile(path.toFile(), "rw")) {
            file.write(head);
            file.setLength(head.length + bytes);
            file.seek(head.length + bytes - 4);
            file.write(new byte[] {1, 2, 0, 0});
        }
        try (SafeTensors opened = SafeTensors.open(path)) {
            assertEquals(bytes - 4, opened.get("a").data().byteSize());
            assertArrayEquals(new long[] {0x201}, opened.get("b").toLongs());
            assertThrows(ArithmeticException.class, () -> hugeFloats(opened));
        }
        assertEquals(Map.of(), parse("{}", 0).metadata());
    }

    private static void hugeFloats(SafeTensors opened) {
        SafeTensor a = opened.get("a");
        new SafeTensor("c", StoredType.U8, mezzotint.tensor.Shape.of(a.data().byteSize()), a.data()).toFloats();
    }
}
