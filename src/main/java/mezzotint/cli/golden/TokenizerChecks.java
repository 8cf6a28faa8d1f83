package mezzotint.cli.golden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import mezzotint.data.EmojiFetch;
import mezzotint.kernel.Device;
import mezzotint.text.PublishedTokenizer;
import mezzotint.text.TokenBatch;
import mezzotint.text.cleaning.PromptCleaner;

/** Tokenizers and prompt cleaners. */
final class TokenizerChecks {
    /** By the names of the cases' folders. */
    static final Map<String, GoldenCheck> KINDS = Map.of(
            "prompt_cleaning", TokenizerChecks::cleaning,
            "tokenizer_gemma_style", TokenizerChecks::tokenizer,
            "tokenizer_qwen_style", TokenizerChecks::tokenizer,
            "tokenizer_qwen_style_appended_token", TokenizerChecks::tokenizer);

    private TokenizerChecks() {}

    private static void cleaning(GoldenCase golden, Device device) {
        for (JsonNode row : golden.json().path("rows")) {
            String text = row.path("text").asText();
            for (var cleaner : Map.of(
                            "basic", PromptCleaner.BASIC,
                            "native_basic", PromptCleaner.BASIC,
                            "diffusers_full", PromptCleaner.FULL,
                            "native_full", PromptCleaner.FULL_NATIVE)
                    .entrySet()) {
                if (row.has(cleaner.getKey())) {
                    ExactComparison.strings(
                            golden,
                            ExactComparison.name(cleaner.getKey(), text),
                            cleaner.getValue().clean(text),
                            row.path(cleaner.getKey()).asText());
                }
            }
        }
    }

    private static void tokenizer(GoldenCase golden, Device device) {
        try (var tokenizer = PublishedTokenizer.open(
                golden.folder().resolve("tokenizer"), EmojiFetch.userCache().resolve("djl"))) {
            List<String> texts = new ArrayList<>();
            for (JsonNode row : golden.json().path("rows")) {
                String text = row.path("text").asText();
                texts.add(text);
                int[] ids = ints(row.path("ids"));
                ExactComparison.ints(golden, ExactComparison.name("ids", text), tokenizer.ids(text), ids);
                ExactComparison.ints(
                        golden,
                        ExactComparison.name("ids_without_special", text),
                        tokenizer.plainIds(text),
                        ints(row.path("ids_without_special")));
                ExactComparison.strings(
                        golden,
                        ExactComparison.name("decoded", text),
                        tokenizer.decode(ids),
                        row.path("decoded").asText());
            }
            for (JsonNode padded : golden.json().path("padded")) {
                padded(golden, tokenizer, padded, texts);
            }
        }
    }

    private static void padded(GoldenCase golden, PublishedTokenizer tokenizer, JsonNode padded, List<String> texts) {
        JsonNode ids = padded.path("first_24_texts_ids");
        int length = padded.path("max_length").asInt();
        TokenBatch batch = tokenizer.batch(texts.subList(0, ids.size()), length);
        for (int b = 0; b < ids.size(); b++) {
            String name = ExactComparison.name("padded to " + length + ", ids", texts.get(b));
            ExactComparison.ints(golden, name, batch.ids().get(b), ints(ids.get(b)));
            boolean[] mask = batch.masks().get(b);
            ExactComparison.ints(
                    golden,
                    name + ", mask",
                    IntStream.range(0, mask.length).map(t -> mask[t] ? 1 : 0).toArray(),
                    ints(padded.path("mask").get(b)));
        }
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
