package mezzotint.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import mezzotint.autograd.HeadLayout;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;
import mezzotint.tensor.TensorArena;

/**
 * One block of a published text encoder.
 *
 * <pre>
 * x ← x + [norm] attention(norm(x))
 * x ← x + [norm] (act(n·Gᵀ) ⊙ n·Uᵀ)·Dᵀ,   n = norm(x)        [norm]: T5Gemma alone
 * </pre>
 */
final class TowerLayer {
    static final String QUERY = "self_attn.q_proj.weight";
    private static final String KEY = "self_attn.k_proj.weight";
    private static final String VALUE = "self_attn.v_proj.weight";
    private static final String OUT = "self_attn.o_proj.weight";
    private static final String GATE = "mlp.gate_proj.weight";
    private static final String UP = "mlp.up_proj.weight";
    private static final String DOWN = "mlp.down_proj.weight";
    private static final String QUERY_NORM = "self_attn.q_norm.weight";
    private static final String KEY_NORM = "self_attn.k_norm.weight";

    private final TowerConfig config;
    private final OptionalInt window;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();

    /** Copies layer {@code index} into {@code arena}. */
    TowerLayer(TowerWeights weights, TensorArena arena, int index) {
        this.config = weights.config();
        this.window = config.windows().get(index);
        for (String name : shapes(config).keySet()) {
            String full = TowerWeights.layerName(index, name);
            parameters.put(
                    name,
                    switch (name) {
                        case QUERY, KEY -> weights.pairedMatrix(arena, full);
                        case VALUE, OUT, GATE, UP, DOWN -> weights.matrix(arena, full);
                        case QUERY_NORM, KEY_NORM -> weights.pairedNorm(arena, full);
                        default -> weights.norm(arena, full);
                    });
        }
    }

    /** Names and shapes of a layer's tensors, without the layer's own prefix. */
    static Map<String, Shape> shapes(TowerConfig config) {
        long d = config.width();
        long queries = (long) config.heads() * config.headWidth();
        long keys = (long) config.keyHeads() * config.headWidth();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(QUERY, Shape.of(queries, d));
        shapes.put(KEY, Shape.of(keys, d));
        shapes.put(VALUE, Shape.of(keys, d));
        shapes.put(OUT, Shape.of(d, queries));
        shapes.put(GATE, Shape.of(config.hidden(), d));
        shapes.put(UP, Shape.of(config.hidden(), d));
        shapes.put(DOWN, Shape.of(d, config.hidden()));
        NormNames norms = NormNames.of(config.kind());
        for (String name : norms.all()) {
            shapes.put(name, Shape.of(d));
        }
        if (config.kind() == TowerConfig.Kind.QWEN3_VL) {
            shapes.put(QUERY_NORM, Shape.of(config.headWidth()));
            shapes.put(KEY_NORM, Shape.of(config.headWidth()));
        }
        return shapes;
    }

    /** x (B, T, D) → (B, T, D). */
    Tensor forward(Tape tape, Tensor x, TowerAttention attention) {
        NormNames norms = NormNames.of(config.kind());
        Tensor attended = attend(tape, norm(tape, x, norms.beforeAttention()), attention);
        Tensor h = tape.add(x, normIfAny(tape, attended, norms.afterAttention()));
        Tensor n = norm(tape, h, norms.beforeFeedForward());
        Tensor gate = tape.linear(n, parameters.get(GATE));
        Tensor up = tape.linear(n, parameters.get(UP));
        Tensor gated =
                switch (config.kind()) {
                    case T5GEMMA -> tape.geglu(gate, up);
                    case QWEN3_VL -> tape.encoders().multiply(tape.silu(gate), up);
                };
        Tensor down = tape.linear(gated, parameters.get(DOWN));
        return tape.add(h, normIfAny(tape, down, norms.afterFeedForward()));
    }

    private Tensor attend(Tape tape, Tensor n, TowerAttention attention) {
        HeadLayout queries = new HeadLayout(0, config.heads(), config.headWidth());
        HeadLayout keys = new HeadLayout(0, config.keyHeads(), config.headWidth());
        Tensor q = rotated(tape, tape.linear(n, parameters.get(QUERY)), queries, QUERY_NORM, attention.rope());
        Tensor k = rotated(tape, tape.linear(n, parameters.get(KEY)), keys, KEY_NORM, attention.rope());
        Tensor v = tape.heads(tape.linear(n, parameters.get(VALUE)), keys);
        return tape.linear(attention.attend(tape, q, k, v, window), parameters.get(OUT));
    }

    private Tensor rotated(Tape tape, Tensor x, HeadLayout layout, String scale, Tensor rope) {
        return switch (config.kind()) {
            case T5GEMMA -> tape.rope(tape.heads(x, layout), rope);
            case QWEN3_VL -> tape.heads(x, layout, parameters.get(scale), rope, config.eps());
        };
    }

    private Tensor norm(Tape tape, Tensor x, String name) {
        return tape.rmsNorm(x, parameters.get(name), config.eps());
    }

    private Tensor normIfAny(Tape tape, Tensor x, String name) {
        return name.isEmpty() ? x : norm(tape, x, name);
    }

    /** Names of the normalisations; empty where a family has none. */
    private record NormNames(
            String beforeAttention, String afterAttention, String beforeFeedForward, String afterFeedForward) {

        static NormNames of(TowerConfig.Kind kind) {
            return switch (kind) {
                case T5GEMMA ->
                    new NormNames(
                            "pre_self_attn_layernorm.weight",
                            "post_self_attn_layernorm.weight",
                            "pre_feedforward_layernorm.weight",
                            "post_feedforward_layernorm.weight");
                case QWEN3_VL -> new NormNames("input_layernorm.weight", "", "post_attention_layernorm.weight", "");
            };
        }

        java.util.List<String> all() {
            return java.util.stream.Stream.of(beforeAttention, afterAttention, beforeFeedForward, afterFeedForward)
                    .filter(name -> !name.isEmpty())
                    .toList();
        }
    }
}
