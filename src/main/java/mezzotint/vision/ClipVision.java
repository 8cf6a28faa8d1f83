package mezzotint.vision;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.image.ImageNormalization;
import mezzotint.image.PicturePreparation;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * CLIP's vision tower with its projection; parameters are named as in the transformers library.
 *
 * <p>Tokens are [class, patches] after the last block, not normalised; the pooled vector is the normalised and projected class
 * token, {@code image_embeds}. It takes pictures of the trained size only.
 *
 * @see <a href="https://arxiv.org/abs/2103.00020">Radford et al. 2021</a>
 */
public final class ClipVision implements VisionEncoder {
    /** {@code model_type} of the tower alone. */
    static final String TYPE = "clip_vision_model";

    /** {@code model_type} of both towers; the vision tower's configuration lies within. */
    static final String TYPE_OF_BOTH = "clip";

    /** Tensors of a checkpoint that the tower does not use: the text tower, and numbers that count. */
    static final Predicate<String> UNUSED = name -> name.startsWith("text_")
            || name.equals("logit_scale")
            || name.equals("vision_model.embeddings.position_ids");

    private final VitShape shape;
    private final int projected;
    private final Parameter classToken;
    private final Parameter positions;
    private final VitLinear patches;
    private final VitNorm before;
    private final List<VitBlock> blocks = new ArrayList<>();
    private final VitNorm after;
    private final VitLinear projection;

    /**
     * Makes the network.
     *
     * @param config a {@code config.json} of type {@code clip_vision_model}, or {@code clip} with a {@code vision_config}
     * @param parameters where its parameters are added
     * @throws InvalidVisionConfigException for a value that does not fit
     */
    public ClipVision(JsonNode config, Parameters parameters) {
        JsonNode own = config.path("vision_config").isObject() ? config.path("vision_config") : config;
        VisionConfig json = new VisionConfig("CLIP config.json", own).withThreeChannels();
        shape = VitShape.read(json, json.positive("intermediate_size", 3072), 1e-5, "quick_gelu");
        projected = new VisionConfig("CLIP config.json", config)
                .positive("projection_dim", json.positive("projection_dim", 512));
        int width = shape.width();
        long grid = shape.grid();
        Parameters embeddings = parameters.scope("vision_model.embeddings");
        classToken = embeddings.add("class_embedding", Initialization.zeros(), width);
        positions = embeddings.add("position_embedding.weight", Initialization.zeros(), 1 + grid * grid, width);
        patches = PatchConvolution.withoutBias(embeddings, "patch_embedding", shape);
        before = VitNorm.of(parameters, "vision_model.pre_layrnorm", shape); // spelt so in every checkpoint
        for (int i = 0; i < shape.layers(); i++) {
            blocks.add(block(parameters.scope("vision_model.encoder.layers." + i)));
        }
        after = VitNorm.of(parameters, "vision_model.post_layernorm", shape);
        projection = VitLinear.of(parameters, "visual_projection", projected, width, false);
    }

    private VitBlock block(Parameters p) {
        int width = shape.width();
        VitNorm norm1 = VitNorm.of(p, "layer_norm1", shape);
        var attention = new VitAttention(
                VitLinear.of(p, "self_attn.q_proj", width, width, true),
                VitLinear.of(p, "self_attn.k_proj", width, width, true),
                VitLinear.of(p, "self_attn.v_proj", width, width, true),
                VitLinear.of(p, "self_attn.out_proj", width, width, true),
                shape);
        VitNorm norm2 = VitNorm.of(p, "layer_norm2", shape);
        VitMlp mlp = VitMlp.plain(
                VitLinear.of(p, "mlp.fc1", shape.hidden(), width, true),
                shape.activation(),
                VitLinear.of(p, "mlp.fc2", width, shape.hidden(), true));
        return new VitBlock(norm1, attention, Optional.empty(), norm2, mlp, Optional.empty());
    }

    @Override
    public int width() {
        return shape.width();
    }

    @Override
    public int pooledWidth() {
        return projected;
    }

    @Override
    public int patch() {
        return shape.patch();
    }

    @Override
    public int sideFor(int tokens) {
        return tokens * shape.patch();
    }

    @Override
    public int trainedSide() {
        return shape.side();
    }

    @Override
    public ImageNormalization normalization() {
        return ImageNormalization.CLIP;
    }

    @Override
    public PicturePreparation preparation() {
        return PicturePreparation.SHORTER_SIDE_THEN_CROP;
    }

    @Override
    public VisionFeatures features(Tape tape, Tensor normalized) {
        PixelShape.check("CLIP", normalized);
        int side = shape.side();
        if (normalized.shape().dim(2) != side || normalized.shape().dim(3) != side) {
            throw new ShapeMismatchException(
                    "CLIP: pictures %s, expected %d rows and columns; resize and crop them", normalized.shape(), side);
        }
        int width = shape.width();
        float[] table = positions.value().toFloats();
        float[] leading = classToken.value().toFloats();
        for (int i = 0; i < width; i++) {
            leading[i] += table[i];
        }
        Tensor x = VitTokens.embed(tape, normalized, patches, shape.patch());
        x = VitTokens.addPositions(tape, x, Arrays.copyOfRange(table, width, table.length));
        x = before.apply(tape, VitTokens.prepend(tape, leading, x));
        x = VitTokens.run(tape, x, blocks, Optional.empty());
        Tensor pooled = projection.apply(tape, after.apply(tape, VitTokens.first(tape, x)));
        return new VisionFeatures(x, 1, shape.grid(), shape.grid(), pooled);
    }

    @Override
    public String toString() {
        return "CLIP[%s, projected to %d]".formatted(shape, projected);
    }
}
