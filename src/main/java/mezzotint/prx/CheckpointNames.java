package mezzotint.prx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import mezzotint.io.SafeTensor;
import mezzotint.nn.NamedTensors;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;

/**
 * The denoiser's tensors of a checkpoint under the names of diffusers, whether it has those or the ones of the training
 * code, with or without what that puts before them.
 *
 * <p>Only the names in the blocks differ; no matrix is transposed or cut. Of a checkpoint of a whole training pipeline only
 * the denoiser is seen: the raw one, or its average where there is no other.
 */
public final class CheckpointNames implements NamedTensors {
    /** What every denoiser has, under the same name in both conventions. */
    private static final String LANDMARK = "txt_in.weight";

    /** In the order they are looked for. */
    private static final List<String> PREFIXES = List.of(
            "",
            "denoiser.",
            "model.denoiser.",
            "state.model.denoiser.",
            "ema_denoiser.model.",
            "model.ema_denoiser.model.",
            "state.model.ema_denoiser.model.");

    private static final Pattern BLOCK = Pattern.compile("(blocks\\.\\d+\\.)(.+)");

    private static final Map<String, String> IN_BLOCK = Map.of(
            "img_qkv_proj.weight", "attention.img_qkv_proj.weight",
            "txt_kv_proj.weight", "attention.txt_kv_proj.weight",
            "attn_out.weight", "attention.to_out.0.weight",
            "qk_norm.query_norm.scale", "attention.norm_q.weight",
            "qk_norm.query_norm.weight", "attention.norm_q.weight",
            "qk_norm.key_norm.scale", "attention.norm_k.weight",
            "qk_norm.key_norm.weight", "attention.norm_k.weight",
            "k_norm.scale", "attention.norm_added_k.weight",
            "k_norm.weight", "attention.norm_added_k.weight");

    private final NamedTensors source;
    private final Map<String, String> storedName = new LinkedHashMap<>();

    /**
     * @param source all tensors of a checkpoint
     * @throws ShapeMismatchException when two of them have one name in diffusers
     */
    public CheckpointNames(NamedTensors source) {
        this.source = source;
        Set<String> names = source.names();
        String prefix =
                PREFIXES.stream().filter(p -> names.contains(p + LANDMARK)).findFirst().orElse("");
        for (String name : names) {
            if (name.startsWith(prefix)) {
                String other = storedName.put(published(name.substring(prefix.length())), name);
                if (other != null) {
                    throw new ShapeMismatchException(
                            "%s: %s and %s are the same tensor; expected one of them", source, other, name);
                }
            }
        }
    }

    private static String published(String name) {
        Matcher parts = BLOCK.matcher(name);
        if (!parts.matches()) {
            return name;
        }
        return parts.group(1) + IN_BLOCK.getOrDefault(parts.group(2), parts.group(2));
    }

    @Override
    public Set<String> names() {
        return storedName.keySet();
    }

    @Override
    public Shape shape(String name) {
        return source.shape(storedName.get(name));
    }

    @Override
    public float[] values(String name) {
        return source.values(storedName.get(name));
    }

    @Override
    public Optional<SafeTensor> stored(String name) {
        return source.stored(storedName.get(name));
    }

    @Override
    public String toString() {
        return source.toString();
    }
}
