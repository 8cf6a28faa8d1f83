package mezzotint.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import mezzotint.io.FileReadException;
import mezzotint.io.Json;
import mezzotint.io.MalformedJsonException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings, lengths and bad files; ids themselves are compared with upstream's in the recorded cases. */
class PublishedTokenizerTest {
    private static final Path GEMMA = Path.of("src/test/resources/golden/tokenizer_gemma_style/tokenizer");
    private static final Path QWEN = Path.of("src/test/resources/golden/tokenizer_qwen_style/tokenizer");
    private static final Path APPENDING =
            Path.of("src/test/resources/golden/tokenizer_qwen_style_appended_token/tokenizer");

    @TempDir
    static Path natives;

    @TempDir
    Path folder;

    private static PublishedTokenizer open(Path folder) {
        return PublishedTokenizer.open(folder, natives);
    }

    /** A copy of a tokenizer with other settings. */
    private Path changed(Path from, Consumer<ObjectNode> settings) throws IOException {
        Files.copy(from.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        ObjectNode json = (ObjectNode) Json.readObject(from.resolve("tokenizer_config.json"));
        settings.accept(json);
        Json.write(folder.resolve("tokenizer_config.json"), json);
        return folder;
    }

    @Test
    void aLongPromptKeepsTheTokensAroundIt() {
        try (PublishedTokenizer gemma = open(GEMMA);
                PublishedTokenizer appending = open(APPENDING)) {
            int[] whole = gemma.ids("a red fox in the snow");
            int[] cut = gemma.ids("a red fox in the snow", 3);
            assertEquals(2, cut[0]);
            assertArrayEquals(Arrays.copyOf(whole, 3), cut);
            assertArrayEquals(new int[] {2}, gemma.ids("a red fox", 1));
            int[] ids = appending.ids("a red fox in the snow", 3);
            assertArrayEquals(new int[] {64, 466, 500}, ids);
        }
    }

    @Test
    void aPromptMayBeCutAtItsBeginning() throws IOException {
        try (PublishedTokenizer right = open(GEMMA);
                PublishedTokenizer left = open(changed(GEMMA, json -> json.put("truncation_side", "left")))) {
            int[] whole = right.ids("a red fox in the snow");
            int[] cut = left.ids("a red fox in the snow", 3);
            assertArrayEquals(new int[] {2, whole[whole.length - 2], whole[whole.length - 1]}, cut);
        }
    }

    @Test
    void roomForTheTokensAroundAPromptIsTheLeast() {
        try (PublishedTokenizer gemma = open(GEMMA)) {
            var e = assertThrows(IllegalArgumentException.class, () -> gemma.ids("a", 0));
            assertEquals(GEMMA + " puts 1 tokens around a prompt; expected room for them, got 0", e.getMessage());
        }
    }

    @Test
    void paddingGoesWhereTheSettingsSay() throws IOException {
        try (PublishedTokenizer left = open(changed(QWEN, json -> json.put("padding_side", "left")))) {
            TokenBatch batch = left.batch(List.of("a", ""), 3);
            assertArrayEquals(new int[] {700, 700, 64}, batch.ids().get(0));
            assertArrayEquals(new boolean[] {false, false, true}, batch.masks().get(0));
            assertArrayEquals(new boolean[3], batch.masks().get(1));
        }
    }

    @Test
    void gemmaPadsOnTheLeftUnlessToldOtherwise() throws IOException {
        Path changed = changed(GEMMA, json -> {
            json.put("tokenizer_class", "GemmaTokenizerFast");
            json.remove("padding_side");
        });
        try (PublishedTokenizer gemma = open(changed)) {
            assertArrayEquals(
                    new int[] {0, 2, 292}, gemma.batch(List.of("a"), 3).ids().getFirst());
        }
    }

    /** Some files were saved while they were set to cut and pad; the pipeline's lengths count, not theirs. */
    @Test
    void whatTheFileSaysOfCuttingAndPaddingIsForOthers() throws IOException {
        changed(GEMMA, json -> {});
        ObjectNode json = (ObjectNode) Json.readObject(folder.resolve("tokenizer.json"));
        json.putObject("truncation")
                .put("direction", "Right")
                .put("max_length", 2)
                .put("strategy", "LongestFirst")
                .put("stride", 0);
        json.putObject("padding")
                .put("direction", "Left")
                .put("pad_id", 0)
                .put("pad_type_id", 0)
                .put("pad_token", "<pad>")
                .putNull("pad_to_multiple_of")
                .putObject("strategy")
                .put("Fixed", 30);
        Json.write(folder.resolve("tokenizer.json"), json);
        try (PublishedTokenizer saved = open(folder);
                PublishedTokenizer plain = open(GEMMA)) {
            assertArrayEquals(plain.ids("a red fox in the snow"), saved.ids("a red fox in the snow"));
        }
    }

    @Test
    void thePaddingTokenMayBeAnObjectOrLieInTheOlderFile() throws IOException {
        Path changed = changed(QWEN, json -> json.putObject("pad_token").put("content", "<|im_end|>"));
        try (PublishedTokenizer qwen = open(changed)) {
            assertArrayEquals(new int[] {702}, qwen.batch(List.of(""), 1).ids().getFirst());
        }
        ObjectNode settings = (ObjectNode) Json.readObject(folder.resolve("tokenizer_config.json"));
        settings.remove("pad_token");
        Json.write(folder.resolve("tokenizer_config.json"), settings);
        ObjectNode older = settings.objectNode();
        older.put("pad_token", "<|im_start|>");
        Json.write(folder.resolve("special_tokens_map.json"), older);
        try (PublishedTokenizer qwen = open(folder)) {
            assertArrayEquals(new int[] {701}, qwen.batch(List.of(""), 1).ids().getFirst());
        }
    }

    @Test
    void halfASurrogatePairIsSomeToken() {
        try (PublishedTokenizer qwen = open(QWEN)) {
            assertArrayEquals(qwen.ids("?"), qwen.ids("\ud83e"));
        }
    }

    private String refusal(Path from, Consumer<ObjectNode> settings) throws IOException {
        Path changed = changed(from, settings);
        return assertThrows(TextFormatException.class, () -> {
                    try (PublishedTokenizer opened = open(changed)) {
                        opened.batch(List.of("a"), 4);
                    }
                })
                .getMessage()
                .substring(folder.toString().length() + 1);
    }

    @Test
    void refusesAnUnknownSide() throws IOException {
        assertEquals(
                "tokenizer_config.json: padding_side: expected \"left\" or \"right\", got \"top\"",
                refusal(QWEN, json -> json.put("padding_side", "top")));
    }

    @Test
    void refusesALengthThatIsNone() throws IOException {
        assertEquals(
                "tokenizer_config.json: model_max_length: expected a number of at least 1, got \"long\"",
                refusal(QWEN, json -> json.put("model_max_length", "long")));
    }

    @Test
    void cannotPadWithoutAToken() throws IOException {
        assertEquals(
                "tokenizer_config.json: pad_token: expected a token, got none",
                refusal(QWEN, json -> json.remove("pad_token")));
    }

    @Test
    void thePaddingTokenIsOneToken() throws IOException {
        String refusal = refusal(QWEN, json -> json.put("pad_token", "two foxes"));
        assertTrue(
                refusal.matches("tokenizer_config.json: pad_token: expected one token of tokenizer.json,"
                        + " got \"two foxes\", which is \\d+"),
                refusal);
    }

    @Test
    void noLimitIsALargeOne() throws IOException {
        try (PublishedTokenizer qwen = open(changed(QWEN, json -> json.put("model_max_length", 1e30)))) {
            assertEquals(Integer.MAX_VALUE, qwen.maxTokens());
        }
        try (PublishedTokenizer gemma = open(GEMMA)) {
            assertEquals(20, gemma.maxTokens());
        }
    }

    @Test
    void tellsWhichFileIsMissingOrBroken() throws IOException {
        var settings = assertThrows(FileReadException.class, () -> open(folder));
        assertEquals(
                "cannot read " + folder.resolve("tokenizer_config.json") + ": there is no such file. Check the path.",
                settings.getMessage());
        changed(QWEN, json -> {});
        Files.delete(folder.resolve("tokenizer.json"));
        var missing = assertThrows(FileReadException.class, () -> open(folder));
        assertEquals(
                "cannot read " + folder.resolve("tokenizer.json") + ": there is no such file. Check the path.",
                missing.getMessage());
        Files.writeString(folder.resolve("tokenizer.json"), "{\"version\": \"1.0\"}");
        var broken = assertThrows(FileReadException.class, () -> open(folder));
        assertTrue(
                broken.getMessage().startsWith("cannot read " + folder.resolve("tokenizer.json") + ": no tokenizer: "));
        assertTrue(broken.getMessage().endsWith("Fetch it again."), broken.getMessage());
        Files.writeString(folder.resolve("tokenizer_config.json"), "[");
        assertThrows(MalformedJsonException.class, () -> open(folder));
    }

    @Test
    void namesTheMissingLibrary() throws Exception {
        try (URLClassLoader without = withoutLibrary()) {
            var open = without.loadClass(PublishedTokenizer.class.getName()).getMethod("open", Path.class, Path.class);
            var e = assertThrows(InvocationTargetException.class, () -> open.invoke(null, QWEN, natives));
            assertEquals(
                    MissingLibraryException.class.getName(),
                    e.getCause().getClass().getName());
            assertTrue(
                    e.getCause().getMessage().endsWith("Add the dependency ai.djl.huggingface:tokenizers:0.38.0."),
                    e.getCause().getMessage());
        }
    }

    private static URLClassLoader withoutLibrary() throws MalformedURLException {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            if (!entry.contains("tokenizers-")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }
}
