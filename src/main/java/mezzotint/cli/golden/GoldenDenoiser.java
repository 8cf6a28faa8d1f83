package mezzotint.cli.golden;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import mezzotint.autograd.Parameter;
import mezzotint.io.SafeTensors;
import mezzotint.io.WeightsFolder;
import mezzotint.kernel.Device;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.NamedTensors;
import mezzotint.nn.Parameters;
import mezzotint.nn.StoredTensors;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxConfigJson;
import mezzotint.prx.PrxDenoiser;
import mezzotint.tensor.Shape;
import mezzotint.tensor.TensorArena;

/** The denoiser of a case, with room to run it: {@code transformer/}, and {@code extra.safetensors} for extensions. */
final class GoldenDenoiser implements AutoCloseable {
    private static final long ARENA_BYTES = 64L << 20;
    private static final double GRADIENT_TOLERANCE = 1e-4;

    private final TensorArena weights;
    final TensorArena activations;
    final TensorArena gradients;
    final PrxDenoiser denoiser;

    GoldenDenoiser(GoldenCase golden, Device device, boolean recompute, UnaryOperator<PrxConfig> change) {
        weights = device.arena(ARENA_BYTES);
        activations = device.arena(ARENA_BYTES);
        gradients = device.arena(ARENA_BYTES);
        Path extra = golden.folder().resolve("transformer/extra.safetensors");
        try (WeightsFolder folder = WeightsFolder.open(golden.folder().resolve("transformer"))) {
            PrxConfig config = change.apply(PrxConfigJson.read(folder.config()));
            denoiser = new PrxDenoiser(config, new Parameters(weights, new PhiloxRandom(0)), recompute);
            NamedTensors stored = new StoredTensors(folder.weights());
            if (!Files.exists(extra)) {
                denoiser.parameters().load(stored);
                return;
            }
            try (SafeTensors more = SafeTensors.open(extra)) {
                denoiser.parameters().load(new Both(stored, new StoredTensors(more)));
            }
        }
    }

    /** Two files as one; where both have a name they agree. */
    private record Both(NamedTensors first, NamedTensors second) implements NamedTensors {
        @Override
        public Set<String> names() {
            Set<String> names = new LinkedHashSet<>(first.names());
            names.addAll(second.names());
            return names;
        }

        private NamedTensors of(String name) {
            return first.names().contains(name) ? first : second;
        }

        @Override
        public Shape shape(String name) {
            return of(name).shape(name);
        }

        @Override
        public float[] values(String name) {
            return of(name).values(name);
        }
    }

    /** Compares the gradients of parameters with {@code grads.safetensors}, which must have no others. */
    static void compareGradients(GoldenCase golden, List<Parameter> parameters, UnaryOperator<String> recordedName) {
        double tolerance = golden.json()
                .path("tolerance")
                .path("parameter_gradients")
                .path("suggested_rel_l2")
                .asDouble(GRADIENT_TOLERANCE);
        try (SafeTensors recorded = SafeTensors.open(golden.folder().resolve("grads.safetensors"))) {
            List<String> left = new ArrayList<>(recorded.names());
            for (Parameter parameter : parameters) {
                String name = recordedName.apply(parameter.name());
                left.remove(name);
                golden.compare(
                        "grad " + name,
                        parameter.gradient().orElseThrow().toFloats(),
                        recorded.get(name).toFloats(),
                        tolerance);
            }
            golden.compareExactly("recorded gradients that nothing was compared with", left, List.of());
        }
    }

    @Override
    public void close() {
        gradients.close();
        activations.close();
        weights.close();
    }
}
