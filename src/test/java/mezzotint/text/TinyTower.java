package mezzotint.text;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import mezzotint.io.Json;
import mezzotint.io.SafeTensorsWriter;
import mezzotint.tensor.DType;
import mezzotint.tensor.Shape;

/**
 * A text encoder of two layers whose weights are a formula, for which upstream's answers were recorded: tensor r of the sorted
 * names holds 0.3·sin(0.7 j + 0.3 r) at j, and norms of Qwen3-VL one more.
 */
final class TinyTower {
    static final int VOCABULARY = 32;
    static final int WIDTH = 16;

    final ObjectNode config = JsonNodeFactory.instance.objectNode();
    final Map<String, Shape> shapes = new TreeMap<>();
    final Map<String, float[]> values = new TreeMap<>();
    DType dtype = DType.F32;

    private TinyTower() {}

    static TinyTower t5Gemma() {
        return t5Gemma(VOCABULARY);
    }

    static TinyTower t5Gemma(int vocabulary) {
        TinyTower tower = new TinyTower();
        tower.config.put("model_type", "t5_gemma_module");
        tower.config.put("hidden_activation", "gelu_pytorch_tanh");
        tower.config.put("query_pre_attn_scalar", 4);
        tower.config.put("sliding_window", 4096);
        tower.config.put("rope_theta", 10000.0);
        tower.common(vocabulary, 4);
        for (int i = 0; i < 2; i++) {
            tower.layer(i, 4);
            for (String norm :
                    new String[] {"pre_self_attn", "post_self_attn", "pre_feedforward", "post_feedforward"}) {
                tower.shapes.put("layers." + i + "." + norm + "_layernorm.weight", Shape.of(WIDTH));
            }
        }
        tower.fill(false);
        return tower;
    }

    static TinyTower qwen() {
        return qwen(VOCABULARY);
    }

    static TinyTower qwen(int vocabulary) {
        TinyTower tower = new TinyTower();
        tower.config.put("model_type", "qwen3_vl_text");
        tower.config.put("hidden_act", "silu");
        ObjectNode rope = tower.config.putObject("rope_parameters");
        rope.put("rope_type", "default");
        rope.put("rope_theta", 5_000_000.0);
        rope.putArray("mrope_section").add(2).add(1).add(1);
        tower.common(vocabulary, 8);
        for (int i = 0; i < 2; i++) {
            tower.layer(i, 8);
            for (String norm : new String[] {"input_layernorm", "post_attention_layernorm"}) {
                tower.shapes.put("layers." + i + "." + norm + ".weight", Shape.of(WIDTH));
            }
            tower.shapes.put("layers." + i + ".self_attn.q_norm.weight", Shape.of(8));
            tower.shapes.put("layers." + i + ".self_attn.k_norm.weight", Shape.of(8));
        }
        tower.fill(true);
        return tower;
    }

    private void common(int vocabulary, int headWidth) {
        config.put("vocab_size", vocabulary);
        config.put("hidden_size", WIDTH);
        config.put("intermediate_size", 24);
        config.put("num_hidden_layers", 2);
        config.put("num_attention_heads", 4);
        config.put("num_key_value_heads", 2);
        config.put("head_dim", headWidth);
        config.put("rms_norm_eps", 1e-6);
        config.put("attention_bias", false);
        shapes.put("embed_tokens.weight", Shape.of(vocabulary, WIDTH));
        shapes.put("norm.weight", Shape.of(WIDTH));
    }

    private void layer(int i, int headWidth) {
        String layer = "layers." + i + ".";
        shapes.put(layer + "self_attn.q_proj.weight", Shape.of(4L * headWidth, WIDTH));
        shapes.put(layer + "self_attn.k_proj.weight", Shape.of(2L * headWidth, WIDTH));
        shapes.put(layer + "self_attn.v_proj.weight", Shape.of(2L * headWidth, WIDTH));
        shapes.put(layer + "self_attn.o_proj.weight", Shape.of(WIDTH, 4L * headWidth));
        shapes.put(layer + "mlp.gate_proj.weight", Shape.of(24, WIDTH));
        shapes.put(layer + "mlp.up_proj.weight", Shape.of(24, WIDTH));
        shapes.put(layer + "mlp.down_proj.weight", Shape.of(WIDTH, 24));
    }

    private void fill(boolean normsAroundOne) {
        int r = 0;
        for (var entry : shapes.entrySet()) {
            float[] tensor = new float[Math.toIntExact(entry.getValue().elements())];
            boolean norm = normsAroundOne && entry.getKey().contains("norm");
            for (int j = 0; j < tensor.length; j++) {
                tensor[j] = (float) (0.3 * Math.sin(0.7 * j + 0.3 * r) + (norm ? 1 : 0));
            }
            values.put(entry.getKey(), tensor);
            r++;
        }
    }

    /** Writes {@code config.json} and {@code model.safetensors}. */
    Path write(Path folder) {
        return write(folder, "");
    }

    /** The same with a prefix before the names. */
    Path write(Path folder, String prefix) {
        FileDigests.makeFolder(folder);
        Json.write(folder.resolve("config.json"), config);
        SafeTensorsWriter writer = new SafeTensorsWriter();
        values.forEach((name, tensor) -> writer.add(prefix + name, dtype, shapes.get(name), tensor));
        writer.write(folder.resolve("model.safetensors"));
        return folder;
    }
}
