package mezzotint.io;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import mezzotint.tensor.Shape;

/**
 * Where each tensor of a safetensors file lies: 8 bytes of header length (little-endian), the header, then the data,
 * which the tensors cover without gap, overlap or remainder.
 *
 * @param tensors by name, in the order of the header
 * @param metadata the file's own key-value pairs
 */
record SafeTensorsLayout(Map<String, SafeTensor> tensors, Map<String, String> metadata) {
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /**
     * Reads the header and checks every tensor against the file.
     *
     * @param file the whole file
     * @param source its name for messages
     * @throws MalformedSafeTensorsException where the file breaks a rule of the format
     */
    static SafeTensorsLayout of(MemorySegment file, String source) {
        MemorySegment bytes = file.asReadOnly();
        long headerBytes = headerBytes(bytes, source);
        long dataStart = Long.BYTES + headerBytes;
        SafeTensorsHeader header = SafeTensorsHeader.parse(bytes.asSlice(Long.BYTES, headerBytes), source);
        MemorySegment data = bytes.asSlice(dataStart);

        List<Map.Entry<String, SafeTensorsHeader.Entry>> byOffset =
                new ArrayList<>(header.entries().entrySet());
        byOffset.sort(Comparator.comparing(Map.Entry::getValue, BY_OFFSET));
        Map<String, SafeTensor> tensors = new LinkedHashMap<>();
        header.entries().keySet().forEach(name -> tensors.put(name, null)); // their order is the header's
        long covered = 0;
        for (var entry : byOffset) {
            SafeTensor tensor = tensor(entry.getKey(), entry.getValue(), data, covered, source);
            tensors.put(tensor.name(), tensor);
            covered = entry.getValue().end();
        }
        if (covered != data.byteSize()) {
            throw new MalformedSafeTensorsException(
                    source, "data", covered + " bytes, the end of the last tensor", data.byteSize() + " bytes");
        }
        return new SafeTensorsLayout(tensors, header.metadata());
    }

    private static final Comparator<SafeTensorsHeader.Entry> BY_OFFSET = (a, b) -> a.begin() != b.begin()
            ? Long.compareUnsigned(a.begin(), b.begin())
            : Long.compareUnsigned(a.end(), b.end());

    private static long headerBytes(MemorySegment file, String source) {
        if (file.byteSize() < Long.BYTES) {
            throw new MalformedSafeTensorsException(
                    source, "header length", "8 bytes", file.byteSize() + " bytes in the whole file");
        }
        long length = file.get(LENGTH, 0);
        if (Long.compareUnsigned(length, SafeTensorsHeader.MAX_BYTES) > 0) {
            throw new MalformedSafeTensorsException(
                    source,
                    "header length",
                    "at most " + SafeTensorsHeader.MAX_BYTES + " bytes",
                    Long.toUnsignedString(length));
        }
        if (length > file.byteSize() - Long.BYTES) {
            long left = file.byteSize() - Long.BYTES;
            throw new MalformedSafeTensorsException(
                    source, "header", length + " bytes", left + " before the end of the file");
        }
        return length;
    }

    private static SafeTensor tensor(
            String name, SafeTensorsHeader.Entry entry, MemorySegment data, long covered, String source) {
        if (entry.begin() != covered || Long.compareUnsigned(entry.end(), entry.begin()) < 0) {
            throw new MalformedSafeTensorsException(
                    source,
                    name,
                    "data_offsets that begin at " + covered + ", where the tensor before ends",
                    "[%s, %s]".formatted(Long.toUnsignedString(entry.begin()), Long.toUnsignedString(entry.end())));
        }
        Shape shape = shape(name, entry, source);
        long bits = bits(name, entry, shape, source);
        if (bits % 8 != 0) {
            throw new MalformedSafeTensorsException(source, name, "a whole number of bytes", bits + " bits");
        }
        if (entry.end() - entry.begin() != bits / 8) {
            throw new MalformedSafeTensorsException(
                    source,
                    name,
                    "%d bytes for %s %s".formatted(bits / 8, entry.type(), shape),
                    Long.toUnsignedString(entry.end() - entry.begin()) + " bytes in data_offsets");
        }
        if (Long.compareUnsigned(entry.end(), data.byteSize()) > 0) {
            throw new MalformedSafeTensorsException(
                    source, name, "data up to byte " + entry.end(), data.byteSize() + " bytes of data");
        }
        return new SafeTensor(name, entry.type(), shape, data.asSlice(entry.begin(), bits / 8));
    }

    private static Shape shape(String name, SafeTensorsHeader.Entry entry, String source) {
        try {
            for (long dim : entry.dims()) {
                if (dim < 0) {
                    throw new ArithmeticException("more than 2⁶³ − 1");
                }
            }
            return Shape.of(entry.dims());
        } catch (ArithmeticException e) {
            throw tooLarge(name, entry, source);
        }
    }

    private static long bits(String name, SafeTensorsHeader.Entry entry, Shape shape, String source) {
        try {
            return Math.multiplyExact(shape.elements(), entry.type().bits());
        } catch (ArithmeticException e) {
            throw tooLarge(name, entry, source);
        }
    }

    private static MalformedSafeTensorsException tooLarge(String name, SafeTensorsHeader.Entry entry, String source) {
        String dims = String.join(
                ", ",
                Arrays.stream(entry.dims()).mapToObj(Long::toUnsignedString).toList());
        return new MalformedSafeTensorsException(
                source, name, "a shape whose size in bits fits 63 bits", "[" + dims + "]");
    }
}
