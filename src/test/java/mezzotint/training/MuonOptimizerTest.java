package mezzotint.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import mezzotint.autograd.Parameter;
import mezzotint.kernel.PhiloxRandom;
import mezzotint.nn.Parameters;
import mezzotint.prx.PrxConfig;
import mezzotint.prx.PrxDenoiser;
import mezzotint.prx.PrxExtensions;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;
import mezzotint.testing.RelativeError;
import mezzotint.testing.Tensors;
import mezzotint.testing.TestDevice;
import mezzotint.training.technique.MlpProjector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MuonOptimizerTest {
    private final TestDevice device = new TestDevice();
    private final TensorArena arena = device.arena(64 << 20);
    private final TensorArena scratch = device.arena(16 << 20);

    @AfterEach
    void free() {
        arena.close();
        scratch.close();
    }

    private Muon muon(List<Parameter> parameters) {
        return new Muon(
                device.kernels(),
                new Muon.Arenas(arena, scratch),
                parameters,
                Muon.Constants.PRX,
                new AdamW.Constants(0.9, 0.95, 1e-8, 0));
    }

    /** Upstream's own numbers. */
    @Test
    void orthogonalizesAsUpstreamDoes() {
        Tensor u = arena.allocate(2, 3).set(1, 2, 3, 4, 5, 6.5f);
        Tensor x = NewtonSchulz.orthogonalize(device.kernels(), scratch, u, 5);
        double[] expected = {-0.791625, 0.110164, 0.729718, 0.633150, 0.368084, 0.252721};
        // Five iterations amplify float32's rounding by the steepness of the polynomial, 3.4 each.
        RelativeError.assertRelativeError(x.toFloats(), expected, 2e-5);
    }

    /** Seven matrices a block; biases, norms, embeddings, the fusion and REPA's projector are Adam's. */
    @Test
    void takesTheMatricesOfBlocksOnly() {
        Parameters parameters = new Parameters(arena, new PhiloxRandom(1));
        var fused = java.util.Optional.of(new PrxExtensions.Sprint(0, 1, true));
        new PrxDenoiser(PrxConfig.CPU_NANO.withExtensions(new PrxExtensions(true, fused)), parameters);
        new MlpProjector(parameters.scope("repa_loss").scope("projector"), 64, 5);
        Muon optimizer = muon(parameters.trainable());
        Set<String> muons = optimizer.state().keySet().stream()
                .filter(name -> name.startsWith("momentum_buffer."))
                .map(name -> name.substring(name.indexOf('.') + 1))
                .collect(Collectors.toSet());
        assertEquals(
                Set.of(
                        "attention.img_qkv_proj.weight",
                        "attention.txt_kv_proj.weight",
                        "attention.to_out.0.weight",
                        "gate_proj.weight",
                        "up_proj.weight",
                        "down_proj.weight",
                        "modulation.lin.weight"),
                muons.stream()
                        .map(name -> name.replaceFirst("^blocks\\.\\d\\.", ""))
                        .collect(Collectors.toSet()));
        assertEquals(7 * PrxConfig.CPU_NANO.depth(), muons.size());
        for (String name : List.of("sprint_fuse.weight", "repa_loss.projector.in_layer.weight", "img_in.0.weight")) {
            assertTrue(optimizer.state().containsKey("exp_avg." + name), name);
        }
        assertFalse(optimizer.state().containsKey("exp_avg.blocks.0.gate_proj.weight"));
    }

    @Test
    void aStepHasTheSizeThatItsScaleSays() {
        Parameters parameters = new Parameters(arena, new PhiloxRandom(1));
        Parameter wide = parameters.add("blocks.0.w", mezzotint.nn.Initialization.zeros(), 8, 32);
        wide.gradient().orElseThrow().set(Tensors.normals(3, 256));
        muon(parameters.trainable()).update(0.01, 1);
        double squares = 0;
        for (float value : wide.value().toFloats()) {
            squares += value * value;
        }
        // A step's root mean square is 0.2 · rate, as AdamW's would be, for singular values between 0.7 and 1.2.
        double rms = Math.sqrt(squares / 256) / 0.01;
        assertTrue(rms > 0.2 * 0.7 * Math.sqrt(32.0 * 8 / 256) && rms < 0.2 * 1.2, "rms " + rms);
        assertEquals(0, scratch.used(), "scratch is left as it was");
    }

    @Test
    void refusesConstantsOutOfRangeAndFrozenParameters() {
        assertThrows(IllegalArgumentException.class, () -> new Muon.Constants(1, 1, true, 5, true, 0));
        assertThrows(IllegalArgumentException.class, () -> new Muon.Constants(1, 0.9, true, 0, true, 0));
        assertThrows(IllegalArgumentException.class, () -> new Muon.Constants(-1, 0.9, true, 5, true, 0));
        Parameter frozen = Parameter.frozen("blocks.0.w", arena.allocate(2, 2));
        assertThrows(IllegalArgumentException.class, () -> muon(List.of(frozen)));
    }
}
