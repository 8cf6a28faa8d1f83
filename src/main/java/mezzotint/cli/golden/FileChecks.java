package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import mezzotint.io.FileReadException;
import mezzotint.io.MalformedSafeTensorsException;
import mezzotint.io.SafeTensor;
import mezzotint.io.SafeTensors;
import mezzotint.io.StoredType;
import mezzotint.kernel.Device;

/** Files and random numbers: safetensors files, PyTorch's CPU generator. */
final class FileChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS =
            Map.of("safetensors_files", FileChecks::safeTensors, "random_cpu", RandomCheck::run);

    private static final Map<String, StoredType> TORCH_NAMES = Map.ofEntries(
            Map.entry("bool", StoredType.BOOL),
            Map.entry("uint8", StoredType.U8),
            Map.entry("int8", StoredType.I8),
            Map.entry("float8_e5m2", StoredType.F8_E5M2),
            Map.entry("float8_e4m3fn", StoredType.F8_E4M3),
            Map.entry("int16", StoredType.I16),
            Map.entry("uint16", StoredType.U16),
            Map.entry("float16", StoredType.F16),
            Map.entry("bfloat16", StoredType.BF16),
            Map.entry("int32", StoredType.I32),
            Map.entry("uint32", StoredType.U32),
            Map.entry("float32", StoredType.F32),
            Map.entry("float64", StoredType.F64),
            Map.entry("int64", StoredType.I64),
            Map.entry("uint64", StoredType.U64));

    /** A tensor as the recording has it: type, extents, bytes. */
    private record Recorded(StoredType type, List<Long> shape, List<Long> bytes) {}

    private FileChecks() {}

    /** {@code safetensors_files}: is each file taken or refused, from the disk and from memory, and what is in it? */
    static void safeTensors(GoldenCase golden, Device device) {
        for (JsonNode row : golden.json().path("rows")) {
            Path file = golden.folder().resolve(row.path("file").asText());
            byte[] bytes = read(file);
            String name = file.getFileName().toString().replace(".safetensors", "");
            golden.compareExactly(name + ".bytes", bytes.length, row.path("bytes").intValue());
            compare(golden, name + ".file", row, "load_file", () -> SafeTensors.open(file));
            compare(golden, name + ".memory", row, "load_bytes", () -> SafeTensors.of(MemorySegment.ofArray(bytes), name));
        }
    }

    private static void compare(
            GoldenCase golden, String name, JsonNode row, String way, Supplier<SafeTensors> opening) {
        boolean expected = row.path(way).path("accepted").booleanValue();
        try (SafeTensors opened = opening.get()) {
            golden.compareExactly(name + ".accepted", true, expected);
            if (expected) {
                contents(golden, name, row, row.path(way).path("tensors"), opened);
            }
        } catch (MalformedSafeTensorsException e) {
            golden.compareExactly(name + ".accepted", false, expected);
        }
    }

    private static void contents(GoldenCase golden, String name, JsonNode row, JsonNode tensors, SafeTensors opened) {
        Map<String, Recorded> expected = new TreeMap<>();
        tensors.properties().forEach(tensor -> expected.put(tensor.getKey(), recorded(tensor.getValue())));
        Map<String, Recorded> actual = new TreeMap<>();
        opened.tensors().forEach(tensor -> actual.put(tensor.name(), recorded(tensor)));
        golden.compareExactly(name + ".tensors", actual, expected);
        Map<String, String> metadata = new TreeMap<>();
        row.path("metadata").properties().forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
        golden.compareExactly(name + ".metadata", new TreeMap<>(opened.metadata()), metadata);
        HashSet<String> keys = new HashSet<>();
        row.path("keys").forEach(key -> keys.add(key.asText()));
        golden.compareExactly(name + ".keys", new HashSet<>(opened.names()), keys);
    }

    private static Recorded recorded(JsonNode tensor) {
        StoredType type = TORCH_NAMES.get(tensor.path(0).asText());
        return new Recorded(type, numbers(tensor.path(1)), numbers(tensor.path(2)));
    }

    private static Recorded recorded(SafeTensor tensor) {
        List<Long> shape = new ArrayList<>();
        for (long side : tensor.shape().dims()) {
            shape.add(side);
        }
        List<Long> bytes = new ArrayList<>();
        for (byte value : tensor.data().toArray(ValueLayout.JAVA_BYTE)) {
            bytes.add(Byte.toUnsignedLong(value));
        }
        return new Recorded(tensor.type(), shape, bytes);
    }

    private static List<Long> numbers(JsonNode array) {
        List<Long> numbers = new ArrayList<>();
        array.forEach(number -> numbers.add(number.longValue()));
        return numbers;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw FileReadException.of(file, e);
        }
    }
}
