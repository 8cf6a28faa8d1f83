package mezzotint.text.cleaning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import mezzotint.io.Json;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LowerChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class PromptCleanerTest {
    private static final Path RANDOM = Path.of("src/test/resources/mezzotint/text/cleaning/random-prompts.json");
    private static final Path GOLDEN = Path.of("src/test/resources/golden/prompt_cleaning/case.json");

    private static final Map<String, PromptCleaner> CLEANERS = Map.of(
            "basic", PromptCleaner.BASIC,
            "diffusers_full", PromptCleaner.FULL,
            "native_full", PromptCleaner.FULL_NATIVE);

    @Test
    void cleansRandomPromptsAsUpstreamDoes() {
        assertEquals(List.of(), differences(Json.read(RANDOM)));
    }

    @Test
    void bothWaysOfFullCleaningAreToldApartByTheRecordedPrompts() {
        int differ = 0;
        for (JsonNode row : Json.read(GOLDEN).path("rows")) {
            String text = row.path("text").asText();
            differ += PromptCleaner.FULL.clean(text).equals(PromptCleaner.FULL_NATIVE.clean(text)) ? 0 : 1;
        }
        assertEquals(4, differ);
    }

    private static List<String> differences(JsonNode rows) {
        List<String> differences = new ArrayList<>();
        assertTrue(rows.path("rows").size() >= 200);
        for (JsonNode row : rows.path("rows")) {
            CLEANERS.forEach((name, cleaner) -> {
                String expected = row.path(name).asText();
                String got = cleaner.clean(row.path("text").asText());
                if (!got.equals(expected)) {
                    differences.add("%s of %s: expected \"%s\", got \"%s\"".formatted(name, row, expected, got));
                }
            });
        }
        return differences;
    }

    @Test
    void examplesReadAsTheyShould() {
        Map.of(
                        "A Photo of a “Cat”, it’s nice", "a photo of a \"cat\", it's nice",
                        "check out https://example.com/page for info", "check out for info",
                        "C++ & C#", "c c",
                        "日本語のテスト text", "のテスト text",
                        "photo, 35mm f/1.8", "photo, 35mm f 1.8",
                        "a 1920x1080 wallpaper", "a wallpaper",
                        "buy now worldwide free shipping", "buy now",
                        "““hello”” world", "\"\"hello\"\" world",
                        "mp4 'a b'", "'a b")
                .forEach((prompt, cleaned) -> assertEquals(cleaned, PromptCleaner.FULL.clean(prompt)));
        assertEquals("\"hello\" world", PromptCleaner.FULL_NATIVE.clean("““hello”” world"));
        assertEquals("a b", PromptCleaner.FULL_NATIVE.clean("mp4 'a b'"));
        assertEquals(" as it is ", PromptCleaner.NONE.clean(" as it is "));
    }

    @Test
    void labelsAreForPeople() {
        assertEquals("full-native", PromptCleaner.FULL_NATIVE.label());
    }

    @Property(tries = 300)
    void anyTextIsCleanedWithoutWhiteSpaceAtItsEnds(@ForAll @StringLength(max = 60) String prompt) {
        for (PromptCleaner cleaner : CLEANERS.values()) {
            String cleaned = cleaner.clean(prompt);
            assertEquals(PythonText.strip(cleaned), cleaned);
            assertTrue(cleaned.codePoints().noneMatch(c -> c >= 0xd800 && c <= 0xdfff), "half a surrogate pair");
        }
    }

    @Property(tries = 100)
    void cleanTextOfLettersStays(@ForAll @LowerChars @StringLength(max = 12) String words) {
        assertEquals(words, PromptCleaner.BASIC.clean(words));
    }

    /** Java's expressions recurse where a loop has branches: thousands of copies of mojibake must not overflow the stack. */
    @Test
    void longPromptsAreCleaned() {
        assertEquals("é".repeat(6_000) + "x😀", PromptCleaner.BASIC.clean("Ã©".repeat(6_000) + "x😀"));
        assertEquals("word".repeat(2_000), PromptCleaner.FULL.clean("word".repeat(2_000)));
        assertEquals("", PromptCleaner.FULL.clean("a.png".repeat(300)));
    }
}
