package mezzotint.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The {@code tokenizer.json} of a cased BERT, made from its vocabulary. */
final class WordPieceFile {
    static final String BEGIN = "[CLS]";
    static final String END = "[SEP]";
    static final String UNKNOWN = "[UNK]";
    private static final List<String> SPECIAL = List.of("[PAD]", UNKNOWN, BEGIN, END, "[MASK]");
    private static final int LONGEST_WORD = 100;

    private WordPieceFile() {}

    /**
     * The file's content.
     *
     * @param vocabulary word pieces by id
     * @throws IllegalArgumentException where a special token is missing
     */
    static Map<String, Object> of(List<String> vocabulary) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (int i = 0; i < vocabulary.size(); i++) {
            ids.put(vocabulary.get(i), i);
        }
        for (String token : SPECIAL) {
            if (!ids.containsKey(token)) {
                throw new IllegalArgumentException(
                        "vocabulary of %d word pieces: expected %s among them".formatted(vocabulary.size(), token));
            }
        }
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("version", "1.0");
        file.put(
                "added_tokens",
                SPECIAL.stream().map(token -> added(token, ids.get(token))).toList());
        file.put("normalizer", normalizer());
        file.put("pre_tokenizer", Map.of("type", "BertPreTokenizer"));
        file.put(
                "post_processor",
                Map.of(
                        "type", "BertProcessing",
                        "cls", List.of(BEGIN, ids.get(BEGIN)),
                        "sep", List.of(END, ids.get(END))));
        file.put("decoder", Map.of("type", "WordPiece", "prefix", "##", "cleanup", true));
        file.put("model", model(ids));
        return file;
    }

    private static Map<String, Object> added(String token, int id) {
        Map<String, Object> added = new LinkedHashMap<>();
        added.put("id", id);
        added.put("content", token);
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            added.put(flag, false);
        }
        added.put("special", true);
        return added;
    }

    private static Map<String, Object> normalizer() {
        Map<String, Object> normalizer = new LinkedHashMap<>();
        normalizer.put("type", "BertNormalizer");
        normalizer.put("clean_text", true);
        normalizer.put("handle_chinese_chars", true);
        normalizer.put("strip_accents", false);
        normalizer.put("lowercase", false);
        return normalizer;
    }

    private static Map<String, Object> model(Map<String, Integer> ids) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "WordPiece");
        model.put("unk_token", UNKNOWN);
        model.put("continuing_subword_prefix", "##");
        model.put("max_input_chars_per_word", LONGEST_WORD);
        model.put("vocab", ids);
        return model;
    }
}
