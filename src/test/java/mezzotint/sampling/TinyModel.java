package mezzotint.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import mezzotint.autograd.Parameter;
import mezzotint.flow.Prediction;
import mezzotint.flow.TimeShift;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig;
import mezzotint.sampling.ModelDescription.TextModule;
import mezzotint.tensor.Tensor;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import mezzotint.text.ByteTextEncoder;

/** A text-to-image model of a few thousand random weights. */
public final class TinyModel implements AutoCloseable {
    /** Pictures of 8 pixels and more, in patches of 4. */
    public static final PrxConfig CONFIG = new PrxConfig(
            3, 4, 8, 16, 3.5, 2, 1, new PrxConfig.RopeAxes(4, 4), 10_000, 1000, 10_000, OptionalInt.empty(), false);

    private final Tensors weights = new Tensors(64 << 20);
    final Parameters denoiser = new Parameters(weights.arena(), new PhiloxRandom(1));
    final Parameters text = new Parameters(weights.arena(), new PhiloxRandom(1));
    final TextToImage model;

    TinyModel(TestDevice device, Prediction prediction) {
        model = ModelFolder.build(device, description(prediction), denoiser, text, false);
        int seed = 500;
        for (Parameter p : denoiser.all()) {
            float[] values =
                    Tensors.normals(seed++, Math.toIntExact(p.value().shape().elements()));
            for (int i = 0; i < values.length; i++) {
                values[i] = 0.3f * values[i] + (p.name().contains("norm") ? 1 : 0);
            }
            p.value().set(values);
        }
    }

    static ModelDescription description(Prediction prediction) {
        JsonNode settings = JsonNodeFactory.instance.objectNode().put("kind", "tiny");
        return new ModelDescription(CONFIG, module("bytes", settings), prediction, 1.5f, new TimeShift(3), 16);
    }

    /** A byte encoder whatever the name. */
    public static TextModule module(String name, JsonNode settings) {
        return new TextModule(
                name, settings, p -> new ByteTextEncoder(new ByteTextEncoder.Config(8, 1, 2, 24, 2, 7), p));
    }

    static Map<String, Tensor> named(Parameters parameters) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        parameters.all().forEach(p -> named.put(p.name(), p.value()));
        return named;
    }

    @Override
    public void close() {
        weights.close();
    }
}
