package mezzotint.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import mezzotint.data.EmojiFetch;
import mezzotint.kernel.Device;
import mezzotint.nn.Parameters;
import mezzotint.sampling.ModelDescription.TextModule;
import mezzotint.tensor.TensorArena;
import mezzotint.text.ByteTextEncoder;
import mezzotint.text.ConversionProgress;
import mezzotint.text.FrozenTextEncoder;
import mezzotint.text.StandardizedText;
import mezzotint.text.TextEncoder;
import mezzotint.text.TextEncoderSetup;
import mezzotint.text.TextEncoders;
import mezzotint.text.TextStatistics;

/** Text encoders as models name them; owns the pretrained ones that it opens. */
public final class TextModules implements AutoCloseable {
    private final Device device;
    private final Consumer<ConversionProgress> progress;
    private final List<FrozenTextEncoder> opened = new ArrayList<>();

    /**
     * @param device where pretrained encoders run
     * @param progress told how far the conversion of a downloaded one has come
     */
    public TextModules(Device device, Consumer<ConversionProgress> progress) {
        this.device = device;
        this.progress = progress;
    }

    /**
     * The encoder of a saved model: its name and the settings saved with it.
     *
     * @throws ModelFormatException when this version has no encoder of that name
     */
    public TextModule saved(String name, JsonNode settings) {
        return switch (name) {
            case TextEncoders.BYTES ->
                bytes(new ByteTextEncoder.Config(
                        settings.path("width").asInt(),
                        settings.path("layers").asInt(),
                        settings.path("heads").asInt(),
                        settings.path("max_tokens").asInt(),
                        settings.path("longest_ngram").asInt(),
                        settings.path("hash_buckets").asInt()));
            case TextEncoders.BERT_MULTI -> bert(settings.path("max_tokens").asInt(), settings);
            default ->
                throw new ModelFormatException("the model wants the text encoder \"%s\"; this version has %s"
                        .formatted(name, String.join(", ", TextEncoders.names())));
        };
    }

    /** A byte encoder, trained with the denoiser. */
    public static TextModule bytes(ByteTextEncoder.Config config) {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.put("width", config.width());
        settings.put("layers", config.layers());
        settings.put("heads", config.heads());
        settings.put("max_tokens", config.maxTokens());
        settings.put("longest_ngram", config.longestNgram());
        settings.put("hash_buckets", config.hashBuckets());
        return new TextModule(TextEncoders.BYTES, settings, parameters -> new ByteTextEncoder(config, parameters));
    }

    /**
     * Multilingual BERT, frozen, downloaded the first time.
     *
     * @param maxTokens prompts are cut to it
     * @param captions of the training data, by which its states are standardised
     */
    public TextModule bert(int maxTokens, Collection<String> captions) {
        TextStatistics statistics = TextStatistics.measure(openBert(maxTokens), captions);
        return bert(maxTokens, settings(maxTokens, statistics));
    }

    private TextModule bert(int maxTokens, JsonNode settings) {
        TextStatistics statistics = new TextStatistics(
                settings.path("encoder").asText(), floats(settings.path("mean")), floats(settings.path("deviation")));
        return new TextModule(
                TextEncoders.BERT_MULTI, settings, _ -> new StandardizedText(openBert(maxTokens), statistics));
    }

    private FrozenTextEncoder openBert(int maxTokens) {
        for (FrozenTextEncoder encoder : opened) {
            if (encoder.maxTokens() == maxTokens) {
                return encoder;
            }
        }
        // A frozen encoder adds no parameter: the arena is there because the setup wants one.
        try (TensorArena none = device.arena(1)) {
            TextEncoder encoder = TextEncoders.open(
                    TextEncoders.BERT_MULTI,
                    new TextEncoderSetup(
                            device,
                            Parameters.frozen(none),
                            ByteTextEncoder.Config.DEFAULT,
                            EmojiFetch.userCache(),
                            maxTokens,
                            progress));
            FrozenTextEncoder frozen = (FrozenTextEncoder) encoder;
            opened.add(frozen);
            return frozen;
        }
    }

    private static ObjectNode settings(int maxTokens, TextStatistics statistics) {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.put("encoder", statistics.encoder());
        settings.put("max_tokens", maxTokens);
        var mean = settings.putArray("mean");
        for (float value : statistics.mean()) {
            mean.add(value);
        }
        var deviation = settings.putArray("deviation");
        for (float value : statistics.deviation()) {
            deviation.add(value);
        }
        return settings;
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).floatValue();
        }
        return values;
    }

    /** Frees the pretrained encoders. */
    @Override
    public void close() {
        opened.forEach(FrozenTextEncoder::close);
        opened.clear();
    }
}
