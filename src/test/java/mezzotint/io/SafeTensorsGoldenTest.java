package mezzotint.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Recorded behaviour of the reference library on 52 files, from a file and from bytes. */
class SafeTensorsGoldenTest {
    private static final Map<String, String> TORCH_NAMES = Map.ofEntries(
            Map.entry("bool", "BOOL"),
            Map.entry("uint8", "U8"),
            Map.entry("int8", "I8"),
            Map.entry("float8_e5m2", "F8_E5M2"),
            Map.entry("float8_e4m3fn", "F8_E4M3"),
            Map.entry("int16", "I16"),
            Map.entry("uint16", "U16"),
            Map.entry("float16", "F16"),
            Map.entry("bfloat16", "BF16"),
            Map.entry("int32", "I32"),
            Map.entry("uint32", "U32"),
            Map.entry("float32", "F32"),
            Map.entry("float64", "F64"),
            Map.entry("int64", "I64"),
            Map.entry("uint64", "U64"));

    private static Path folder() throws URISyntaxException {
        return Path.of(SafeTensorsGoldenTest.class
                .getResource("/golden/safetensors_files")
                .toURI());
    }

    private static JsonNode rows() throws Exception {
        return new ObjectMapper()
                .readTree(folder().resolve("case.json").toFile())
                .path("rows");
    }

    @Test
    void everyRecordedFileIsThere() throws Exception {
        try (Stream<Path> files = Files.list(folder())) {
            assertEquals(
                    rows().size(),
                    files.filter(f -> f.toString().endsWith(".safetensors")).count());
        }
        assertEquals(52, rows().size());
    }

    @TestFactory
    Stream<DynamicTest> agreesWithTheReference() throws Exception {
        Path folder = folder();
        return StreamSupport.stream(rows().spliterator(), false)
                .map(row -> DynamicTest.dynamicTest(row.path("file").asText(), () -> check(folder, row)));
    }

    private static void check(Path folder, JsonNode row) throws Exception {
        Path file = folder.resolve(row.path("file").asText());
        byte[] bytes = Files.readAllBytes(file);
        assertEquals(row.path("bytes").asInt(), bytes.length);
        if (row.path("load_file").path("accepted").asBoolean()) {
            try (SafeTensors opened = SafeTensors.open(file)) {
                checkTensors(row, opened);
            }
            checkTensors(row, SafeTensors.of(MemorySegment.ofArray(bytes), "bytes"));
        } else {
            var thrown = assertThrows(MalformedSafeTensorsException.class, () -> SafeTensors.open(file));
            assertTrue(thrown.getMessage().startsWith(file + " is no valid safetensors file: "), thrown::getMessage);
            assertThrows(
                    MalformedSafeTensorsException.class, () -> SafeTensors.of(MemorySegment.ofArray(bytes), "bytes"));
        }
    }

    private static void checkTensors(JsonNode row, SafeTensors opened) {
        JsonNode expected = row.path("load_file").path("tensors");
        assertEquals(expected.size(), opened.names().size());
        for (var entry : expected.properties()) {
            SafeTensor tensor = opened.get(entry.getKey());
            assertEquals(
                    TORCH_NAMES.get(entry.getValue().get(0).asText()),
                    tensor.type().name());
            assertArrayEquals(numbers(entry.getValue().get(1)), tensor.shape().dims());
            byte[] data = tensor.data().toArray(ValueLayout.JAVA_BYTE);
            long[] unsigned = new long[data.length];
            for (int i = 0; i < data.length; i++) {
                unsigned[i] = Byte.toUnsignedLong(data[i]);
            }
            assertArrayEquals(numbers(entry.getValue().get(2)), unsigned);
        }
        Map<String, String> metadata = new TreeMap<>();
        row.path("metadata")
                .properties()
                .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
        assertEquals(metadata, new TreeMap<>(opened.metadata()));
    }

    private static long[] numbers(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToLong(JsonNode::asLong)
                .toArray();
    }
}
