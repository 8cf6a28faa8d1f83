package mezzotint.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.foreign.MemorySegment;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON header of a safetensors file, parsed as the reference library does: unknown fields of an entry are passed
 * over, the last of several entries of one name counts, {@code __metadata__} comes once at most and may be null.
 *
 * @param entries tensors by name, in the order of the file
 * @param metadata the file's own key-value pairs
 */
record SafeTensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
    /** Largest header, as in the reference library. */
    static final int MAX_BYTES = 100_000_000;

    /** The key that holds the metadata and so names no tensor. */
    static final String METADATA = "__metadata__";

    // The reference library's parser refuses the 128th level.
    private static final int MAX_NESTING = 127;

    // Far beyond any tensor, and keeps a header of nothing but numbers from filling the memory.
    private static final int MAX_RANK = 1024;

    // Names come once each: a table of them would only cost, and refuses unlucky hashes with an exception of its own.
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_NESTING)
                    .maxNameLength(MAX_BYTES)
                    .maxStringLength(MAX_BYTES)
                    .build())
            .build();

    /**
     * What the header says about a tensor, not yet checked against the file.
     *
     * @param type element type
     * @param dims extents, unsigned
     * @param begin first byte, from the end of the header, unsigned
     * @param end one past the last byte, unsigned
     */
    record Entry(StoredType type, long[] dims, long begin, long end) {}

    /**
     * Parses a header.
     *
     * @param bytes the header alone
     * @param source the file's name for messages
     * @throws MalformedSafeTensorsException where it is no JSON object of the format's kind
     */
    static SafeTensorsHeader parse(MemorySegment bytes, String source) {
        var decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        try (Reader reader = new InputStreamReader(new SegmentInputStream(bytes), decoder);
                JsonParser parser = FACTORY.createParser(reader)) {
            return new Parse(parser, source).header();
        } catch (JsonProcessingException e) {
            throw new MalformedSafeTensorsException(source, "header", "JSON", e.getOriginalMessage());
        } catch (IOException e) { // the bytes are in memory: only decoding can fail
            throw new MalformedSafeTensorsException(source, "header", "UTF-8", "other bytes");
        }
    }

    /** One walk over the header's tokens. */
    private record Parse(JsonParser parser, String source) {

        SafeTensorsHeader header() throws IOException {
            expect(next(), JsonToken.START_OBJECT, "header", "a JSON object");
            Map<String, Entry> entries = new LinkedHashMap<>();
            Map<String, String> metadata = null;
            while (next() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                if (!name.equals(METADATA)) {
                    entries.put(name, entry(name));
                } else if (metadata == null) {
                    metadata = metadata();
                } else {
                    throw malformed(METADATA, "it once", "it twice");
                }
            }
            if (next() != null) {
                throw malformed("header", "nothing but white space after the JSON object", "more JSON");
            }
            return new SafeTensorsHeader(
                    Collections.unmodifiableMap(entries),
                    metadata == null ? Map.of() : Collections.unmodifiableMap(metadata));
        }

        private Map<String, String> metadata() throws IOException {
            Map<String, String> metadata = new LinkedHashMap<>();
            if (next() == JsonToken.VALUE_NULL) {
                return metadata;
            }
            expect(parser.currentToken(), JsonToken.START_OBJECT, METADATA, "an object of strings");
            while (next() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                expect(next(), JsonToken.VALUE_STRING, METADATA, "an object of strings");
                metadata.put(key, parser.getText());
            }
            return metadata;
        }

        private Entry entry(String name) throws IOException {
            expect(next(), JsonToken.START_OBJECT, name, "an object with dtype, shape and data_offsets");
            StoredType type = null;
            long[] shape = null;
            long[] offsets = null;
            while (next() != JsonToken.END_OBJECT) {
                String field = parser.currentName();
                next();
                switch (field) {
                    case "dtype" -> type = once(name, field, type, type(name));
                    case "shape" -> shape = once(name, field, shape, numbers(name, field));
                    case "data_offsets" -> offsets = once(name, field, offsets, numbers(name, field));
                    default -> pass();
                }
            }
            require(type, name, "dtype");
            require(shape, name, "shape");
            require(offsets, name, "data_offsets");
            if (offsets.length != 2) {
                throw malformed(name, "data_offsets of 2 numbers", offsets.length + " numbers");
            }
            return new Entry(type, shape, offsets[0], offsets[1]);
        }

        private <T> T once(String name, String field, T before, T now) {
            if (before != null) {
                throw malformed(name, field + " once", "it twice");
            }
            return now;
        }

        private void require(Object value, String name, String field) {
            if (value == null) {
                throw malformed(name, "a field " + field, "none");
            }
        }

        private StoredType type(String name) throws IOException {
            expect(parser.currentToken(), JsonToken.VALUE_STRING, name, "a dtype that is a string");
            String text = parser.getText();
            return StoredType.named(text)
                    .orElseThrow(
                            () -> malformed(name, "a dtype among " + List.of(StoredType.values()), '"' + text + '"'));
        }

        private long[] numbers(String name, String field) throws IOException {
            expect(parser.currentToken(), JsonToken.START_ARRAY, name, "arrays for shape and data_offsets");
            var numbers = new ArrayList<Long>();
            while (next() != JsonToken.END_ARRAY) {
                expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, name, "whole numbers in its arrays");
                numbers.add(number(name, field, parser.getText()));
                if (numbers.size() > MAX_RANK) {
                    throw malformed(name, "at most " + MAX_RANK + " numbers in " + field, "more");
                }
            }
            return numbers.stream().mapToLong(Long::longValue).toArray();
        }

        private long number(String name, String field, String text) {
            try {
                if (!text.startsWith("-")) {
                    return Long.parseUnsignedLong(text);
                }
            } catch (NumberFormatException tooLarge) {
                // said below
            }
            throw malformed(name, "numbers from 0 to 2⁶⁴ − 1 in " + field, text);
        }

        private void pass() throws IOException {
            int depth = 0;
            do {
                if (parser.currentToken().isStructStart()) {
                    depth++;
                } else if (parser.currentToken().isStructEnd()) {
                    depth--;
                }
            } while (depth > 0 && next() != null);
        }

        /** The next token, with the two rules of the reference's parser that Jackson's lacks. */
        private JsonToken next() throws IOException {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.FIELD_NAME || token == JsonToken.VALUE_STRING) {
                requireUnicode(parser.getText());
            } else if (token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT) {
                requireFinite(token, parser.getText());
            }
            return token;
        }

        private void requireUnicode(String text) {
            for (int i = 0; i < text.length(); i++) {
                if (Character.isSurrogate(text.charAt(i))) {
                    char low = i + 1 < text.length() ? text.charAt(i + 1) : 0;
                    if (!Character.isSurrogatePair(text.charAt(i), low)) {
                        throw malformed("header", "Unicode text", "half a surrogate pair");
                    }
                    i++;
                }
            }
        }

        private void requireFinite(JsonToken token, String text) {
            boolean small = token == JsonToken.VALUE_NUMBER_INT && text.length() < 300; // a double reaches 1.8e308
            if (!small && Double.isInfinite(Double.parseDouble(text))) {
                throw malformed("header", "numbers within the range of a double", text);
            }
        }

        private void expect(JsonToken got, JsonToken wanted, String key, String expected) throws IOException {
            if (got != wanted) {
                throw malformed(key, expected, got == null ? "the end of the header" : parser.getText());
            }
        }

        private MalformedSafeTensorsException malformed(String key, String expected, String got) {
            return new MalformedSafeTensorsException(source, key, expected, got);
        }
    }
}
