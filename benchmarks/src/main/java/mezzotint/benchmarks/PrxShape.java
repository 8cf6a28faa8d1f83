package mezzotint.benchmarks;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The size of a PRX denoiser and of the batch it works on.
 *
 * @param batch pictures a step, B
 * @param colours channels of a picture, C
 * @param height rows of a picture, a multiple of {@code patch}
 * @param width columns of a picture, a multiple of {@code patch}
 * @param patch side of a square patch, P
 * @param hidden width of a token, D
 * @param depth number of blocks
 * @param heads attention heads, H; D/H is a multiple of 4
 * @param mlp inner width of the gated MLP, M
 * @param textTokens text tokens a picture, T
 * @param textWidth width of a text token
 * @param bottleneck inner width of the two-layer patch embedding, 0 for the plain one
 * @param resolution whether the picture's size is embedded and added to the time vector
 */
public record PrxShape(
        int batch,
        int colours,
        int height,
        int width,
        int patch,
        int hidden,
        int depth,
        int heads,
        int mlp,
        int textTokens,
        int textWidth,
        int bottleneck,
        boolean resolution) {

    /** The shape whose speed is recorded: pixels 64, patch 8, hidden 384, depth 6, heads 6, M 1344, text 32 × 384. */
    public static final PrxShape PIXEL_64 = new PrxShape(32, 3, 64, 64, 8, 384, 6, 6, 1344, 32, 384, 0, false);

    /** Checks that the sizes divide. */
    public PrxShape {
        if (height % patch != 0 || width % patch != 0) {
            throw new IllegalArgumentException(
                    "picture " + height + " × " + width + " is no multiple of patch " + patch);
        }
        if (hidden % (4 * heads) != 0) {
            throw new IllegalArgumentException("hidden " + hidden + " / heads " + heads + " is no multiple of 4");
        }
    }

    /** The same model on another number of pictures. */
    public PrxShape withBatch(int pictures) {
        return new PrxShape(
                pictures,
                colours,
                height,
                width,
                patch,
                hidden,
                depth,
                heads,
                mlp,
                textTokens,
                textWidth,
                bottleneck,
                resolution);
    }

    /** Image tokens a picture, L. */
    public int tokens() {
        return (height / patch) * (width / patch);
    }

    /** Width of a head. */
    public int headWidth() {
        return hidden / heads;
    }

    /** Numbers in a patch, C · P². */
    public int patchWidth() {
        return colours * patch * patch;
    }

    /** Numbers in the batch's pictures. */
    public int pixels() {
        return batch * colours * height * width;
    }

    /** Every parameter by its checkpoint name with its shape, in order of the forward pass. */
    public Map<String, long[]> parameters() {
        Map<String, long[]> all = new LinkedHashMap<>();
        linear(all, "txt_in", hidden, textWidth);
        if (bottleneck == 0) {
            linear(all, "img_in", hidden, patchWidth());
        } else {
            linear(all, "img_in.0", bottleneck, patchWidth());
            linear(all, "img_in.1", hidden, bottleneck);
        }
        linear(all, "time_in.in_layer", hidden, 256);
        linear(all, "time_in.out_layer", hidden, hidden);
        if (resolution) {
            linear(all, "resolution_embedder.mlp.in_layer", hidden, 256);
            linear(all, "resolution_embedder.mlp.out_layer", hidden, hidden);
        }
        for (int i = 0; i < depth; i++) {
            block(all, "blocks." + i + ".");
        }
        linear(all, "final_layer.adaLN_modulation.1", 2L * hidden, hidden);
        linear(all, "final_layer.linear", patchWidth(), hidden);
        return all;
    }

    private void block(Map<String, long[]> all, String at) {
        linear(all, at + "modulation.lin", 6L * hidden, hidden);
        all.put(at + "attention.img_qkv_proj.weight", new long[] {3L * hidden, hidden});
        all.put(at + "attention.txt_kv_proj.weight", new long[] {2L * hidden, hidden});
        all.put(at + "attention.norm_q.weight", new long[] {headWidth()});
        all.put(at + "attention.norm_k.weight", new long[] {headWidth()});
        all.put(at + "attention.norm_added_k.weight", new long[] {headWidth()});
        all.put(at + "attention.to_out.0.weight", new long[] {hidden, hidden});
        all.put(at + "gate_proj.weight", new long[] {mlp, hidden});
        all.put(at + "up_proj.weight", new long[] {mlp, hidden});
        all.put(at + "down_proj.weight", new long[] {hidden, mlp});
    }

    private static void linear(Map<String, long[]> all, String name, long out, long in) {
        all.put(name + ".weight", new long[] {out, in});
        all.put(name + ".bias", new long[] {out});
    }

    /** The shape in a few characters, as {@code results.csv} writes it. */
    public String label() {
        return String.format(
                Locale.ROOT,
                "b%d px%dx%d p%d d%d x%d h%d m%d txt%dx%d",
                batch,
                height,
                width,
                patch,
                hidden,
                depth,
                heads,
                mlp,
                textTokens,
                textWidth);
    }
}
