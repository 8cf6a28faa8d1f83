package mezzotint.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptionLinesTest {
    private static final Path SOURCE = Path.of("captions.jsonl");

    @Property(tries = 300)
    void readsBackAnyCaptions(@ForAll("captions") List<Map<String, List<String>>> all) throws Exception {
        JsonMapper json = new JsonMapper();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < all.size(); i++) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("file", i + ".png");
            line.put("captions", all.get(i));
            text.append(json.writeValueAsString(line)).append(i % 2 == 0 ? "\n" : "\r\n\n");
        }
        List<Map<String, List<String>>> read = new ArrayList<>();
        for (var line : CaptionLines.parse(text.toString().getBytes(StandardCharsets.UTF_8), SOURCE)) {
            assertEquals(read.size() + ".png", line.file());
            read.add(line.captions());
        }
        assertEquals(all, read);
    }

    @Provide
    Arbitrary<List<Map<String, List<String>>>> captions() {
        Arbitrary<String> words = Arbitraries.strings()
                .withCharRange('!', '\ud7ff')
                .ofMinLength(1)
                .ofMaxLength(12)
                .map(word -> "🍓" + word + "\u2028\"\\🍓");
        Arbitrary<String> languages = Arbitraries.of("en", "de", "zh", "ar", "und");
        return Arbitraries.maps(languages, words.list().ofMinSize(1).ofMaxSize(3))
                .ofMinSize(1)
                .list()
                .ofMaxSize(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "{\"file\": \"a.png\" | line 2 is not one JSON object",
                "{\"file\": \"a\", \"caption\": \"x\"} {} | line 2 is not one JSON object",
                "{\"file\": \"a\", \"file\": \"b\", \"caption\": \"x\"} | line 2 is not one JSON object",
                "[1] | line 2 has ARRAY; expected an object",
                "{\"caption\": \"x\"} | line 2 has no \"file\"",
                "{\"file\": 7, \"caption\": \"x\"} | line 2 has no \"file\"",
                "{\"file\": \"a\"} | line 2 has neither \"caption\" and \"captions\"",
                "{\"file\": \"a\", \"caption\": \"x\", \"captions\": {\"en\": \"x\"}} | line 2 has both",
                "{\"file\": \"a\", \"captions\": [\"x\"]} | line 2 has \"captions\" that are no object",
                "{\"file\": \"a\", \"captions\": {}} | line 2 has \"captions\" that are no object",
                "{\"file\": \"a\", \"caption\": \" \"} | line 2 has a caption that is blank",
                "{\"file\": \"a\", \"caption\": []} | line 2 has an empty list",
                "{\"file\": \"a\", \"captions\": {\"en\": null}} | line 2 has a caption that is blank or no string",
                "{\"file\": \"first\", \"caption\": \"x\"} | line 2 has picture first a second time"
            })
    void namesTheLineAtFault(String line, String problem) {
        String text = "{\"file\": \"first\", \"caption\": \"x\"}\n" + line + "\n";
        var e = assertThrows(
                DatasetException.class, () -> CaptionLines.parse(text.getBytes(StandardCharsets.UTF_8), SOURCE));
        assertEquals(SOURCE, e.place());
        assertEquals(
                "captions.jsonl: " + problem,
                e.getMessage().substring(0, Math.min(e.getMessage().length(), 16 + problem.length())));
    }
}
