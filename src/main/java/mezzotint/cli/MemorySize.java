package mezzotint.cli;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A size as typed, such as {@code 8GiB}.
 *
 * @param bytes at least 1
 */
record MemorySize(long bytes) {
    private static final Map<String, Double> UNITS = Map.of("MiB", 0x1p20, "GiB", 0x1p30, "MB", 1e6, "GB", 1e9);
    private static final Pattern SIZE = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,3})?) ?(MiB|GiB|MB|GB)");

    /** Reads it from a command line. */
    static final class Converter implements ITypeConverter<MemorySize> {
        @Override
        public MemorySize convert(String typed) {
            Matcher parts = SIZE.matcher(typed);
            long bytes = parts.matches() ? (long) (Double.parseDouble(parts.group(1)) * UNITS.get(parts.group(2))) : 0;
            if (bytes < 1) {
                throw new TypeConversionException(
                        "expected a size such as 8GiB, 7.5GiB, 900MiB or 16GB, got \"%s\"".formatted(typed));
            }
            return new MemorySize(bytes);
        }
    }
}
