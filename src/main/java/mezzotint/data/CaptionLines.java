package mezzotint.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parses caption files: one JSON object a line, UTF-8. */
final class CaptionLines {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private CaptionLines() {}

    /** A line: the picture's file as written there, its captions by language, and the whole object. */
    record Line(String file, Map<String, List<String>> captions, JsonNode object) {}

    /**
     * Parses a whole file.
     *
     * @param source what to name in messages
     * @throws DatasetException with the line's number if a line is not as it should be
     */
    static List<Line> parse(byte[] utf8, Path source) {
        String[] rows = text(utf8, source).split("\n", -1);
        List<Line> lines = new ArrayList<>();
        Set<String> files = new HashSet<>();
        for (int i = 0; i < rows.length; i++) {
            String row = rows[i].strip();
            if (row.isEmpty()) {
                continue;
            }
            Line line = parse(row, source, i + 1);
            if (!files.add(line.file)) {
                throw bad(source, i + 1, "picture %s a second time; give its captions as one list".formatted(line.file));
            }
            lines.add(line);
        }
        return lines;
    }

    /** Strict UTF-8, without a byte order mark. */
    static String text(byte[] utf8, Path source) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new DatasetException(source, "is not UTF-8 text; save it as UTF-8", e);
        }
    }

    private static Line parse(String row, Path source, int number) {
        JsonNode object;
        try {
            object = JSON.readTree(row);
        } catch (JsonProcessingException e) {
            throw new DatasetException(
                    source, "line %d is not one JSON object: %s".formatted(number, e.getOriginalMessage()), e);
        }
        if (!object.isObject()) {
            throw bad(source, number, "%s; expected an object".formatted(object.getNodeType()));
        }
        JsonNode file = either(object, "file", "file_name");
        if (!file.isTextual() || file.textValue().isBlank()) {
            throw bad(source, number, "no \"file\"; expected {\"file\": …, \"caption\": …}");
        }
        return new Line(file.textValue(), captions(object, source, number), object);
    }

    private static Map<String, List<String>> captions(JsonNode object, Path source, int number) {
        JsonNode one = either(object, "caption", "text");
        JsonNode many = object.path("captions");
        if (one.isMissingNode() == many.isMissingNode()) {
            throw bad(source, number, "%s \"caption\" and \"captions\"; expected one of the two"
                    .formatted(one.isMissingNode() ? "neither" : "both"));
        }
        Map<String, List<String>> captions = new LinkedHashMap<>();
        if (many.isMissingNode()) {
            captions.put(CaptionedImage.UNDETERMINED, texts(one, source, number));
        } else if (many.isObject() && !many.isEmpty()) {
            many.properties().forEach(e -> captions.put(e.getKey(), texts(e.getValue(), source, number)));
        } else {
            throw bad(source, number, "\"captions\" that are no object of language → caption");
        }
        return captions;
    }

    private static List<String> texts(JsonNode node, Path source, int number) {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : node.isArray() ? node : List.of(node)) {
            if (!text.isTextual() || text.textValue().isBlank()) {
                throw bad(source, number, "a caption that is blank or no string");
            }
            texts.add(text.textValue().strip());
        }
        if (texts.isEmpty()) {
            throw bad(source, number, "an empty list of captions");
        }
        return texts;
    }

    private static JsonNode either(JsonNode object, String name, String other) {
        JsonNode node = object.path(name);
        return node.isMissingNode() ? object.path(other) : node;
    }

    private static DatasetException bad(Path source, int number, String found) {
        return new DatasetException(source, "line %d has %s".formatted(number, found));
    }
}
