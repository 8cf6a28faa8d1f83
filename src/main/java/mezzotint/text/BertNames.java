package mezzotint.text;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names of BERT's tensors: those of transformers' safetensors, and what Google's checkpoint calls them. */
final class BertNames {
    static final String WORDS = "embeddings.word_embeddings.weight";
    static final String POSITIONS = "embeddings.position_embeddings.weight";
    static final String SEGMENTS = "embeddings.token_type_embeddings.weight";
    static final String EMBEDDING_NORM = "embeddings.LayerNorm";

    private static final List<String> DENSE = List.of(
            "attention.self.query",
            "attention.self.key",
            "attention.self.value",
            "attention.output.dense",
            "intermediate.dense",
            "output.dense");
    private static final List<String> NORMS = List.of("attention.output.LayerNorm", "output.LayerNorm");

    private BertNames() {}

    static String layer(int index, String part) {
        return "encoder.layer." + index + "." + part;
    }

    /**
     * Google's variable for each of our names; matrices called {@code kernel} lie transposed, (in, out).
     *
     * @param scope what precedes {@code bert/…}, such as {@code module/}
     */
    static Map<String, String> variables(String scope, int layers) {
        Map<String, String> names = new LinkedHashMap<>();
        String embeddings = scope + "bert/embeddings/";
        names.put(WORDS, embeddings + "word_embeddings");
        names.put(POSITIONS, embeddings + "position_embeddings");
        names.put(SEGMENTS, embeddings + "token_type_embeddings");
        putNorm(names, EMBEDDING_NORM, embeddings + "LayerNorm");
        for (int i = 0; i < layers; i++) {
            String variables = scope + "bert/encoder/layer_" + i + "/";
            for (String part : DENSE) {
                names.put(layer(i, part) + ".weight", variables + part.replace('.', '/') + "/kernel");
                names.put(layer(i, part) + ".bias", variables + part.replace('.', '/') + "/bias");
            }
            for (String part : NORMS) {
                putNorm(names, layer(i, part), variables + part.replace('.', '/'));
            }
        }
        return names;
    }

    private static void putNorm(Map<String, String> names, String ours, String theirs) {
        names.put(ours + ".weight", theirs + "/gamma");
        names.put(ours + ".bias", theirs + "/beta");
    }
}
