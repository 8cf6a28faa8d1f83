package mezzotint.cli;

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
import mezzotint.training.TrainingConfig;

/** Text encoders as models name them; owns the pretrained ones that it opens. */
final class TextModules implements AutoCloseable {
    private final Device device;
    private final Consumer<ConversionProgress> progress;
    private final List<FrozenTextEncoder> opened = new ArrayList<>();

    /**
     * @param device where pretrained encoders run
     * @param progress told how far the conversion of a downloaded one has come
     */
    TextModules(Device device, Consumer<ConversionProgress> progress) {
        this.device = device;
        this.progress = progress;
    }

    /** The encoder of a saved model: its name and the settings saved with it. */
    TextModule saved(String name, JsonNode settings) {
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
                throw new UserMistake(
                        "the model wants the text encoder \"%s\"; this version has %s",
                        name, String.join(", ", TextEncoders.names()));
        };
    }

    /**
     * The encoder that a configuration asks for.
     *
     * @param captions of the training data, which a pretrained one is standardised by
     */
    TextModule configured(TrainingConfig.Text text, Collection<String> captions) {
        if (text.encoder().equals(TextEncoders.BERT_MULTI)) {
            TextStatistics statistics = TextStatistics.measure(openBert(text.maxTokens()), captions);
            return bert(text.maxTokens(), settings(text.maxTokens(), statistics));
        }
        ByteTextEncoder.Config usual = ByteTextEncoder.Config.DEFAULT;
        return bytes(new ByteTextEncoder.Config(
                text.width(),
                text.layers(),
                text.heads(),
                text.maxTokens(),
                usual.longestNgram(),
                usual.hashBuckets()));
    }

    private static TextModule bytes(ByteTextEncoder.Config config) {
        ObjectNode settings = JsonNodeFactory.instance.objectNode();
        settings.put("width", config.width());
        settings.put("layers", config.layers());
        settings.put("heads", config.heads());
        settings.put("max_tokens", config.maxTokens());
        settings.put("longest_ngram", config.longestNgram());
        settings.put("hash_buckets", config.hashBuckets());
        return new TextModule(TextEncoders.BYTES, settings, parameters -> new ByteTextEncoder(config, parameters));
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
