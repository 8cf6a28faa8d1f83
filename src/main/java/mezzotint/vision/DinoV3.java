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
import mezzotint.tensor.Tensor;

/**
 * DINOv3's vision transformer; parameters are named as in the transformers library.
 *
 * <p>Tokens are [class, registers, patches], normalised; the pooled vector is the class token. Positions are rotations of the
 * patches' queries and keys by their centres, in [−1, 1] along each side; the other tokens are not rotated.
 *
 * @see <a href="https://arxiv.org/abs/2508.10104">Siméoni et al. 2025</a>
 */
public final class DinoV3 implements VisionEncoder {
    /** {@code model_type} in configurations. */
    static final String TYPE = "dinov3_vit";

    /** Tensors of a checkpoint that only its training used. */
    static final Predicate<String> UNUSED = "embeddings.mask_token"::equals;

    private final VitShape shape;
    private final int registers;
    private final double theta;
    private final Parameter classToken;
    private final Parameter registerTokens;
    private final VitLinear patches;
    private final List<VitBlock> blocks = new ArrayList<>();
    private final VitNorm norm;

    /**
     * Makes the network.
     *
     * @param config a {@code config.json} of type {@code dinov3_vit}
     * @param parameters where its parameters are added
     * @throws InvalidVisionConfigException for a value that does not fit
     */
    public DinoV3(JsonNode config, Parameters parameters) {
        VisionConfig json = new VisionConfig("DINOv3 config.json", config).withThreeChannels();
        shape = VitShape.read(json, json.positive("intermediate_size", 1536), 1e-5, "gelu");
        if (shape.headWidth() % 4 != 0) {
            throw json.wrong("num_attention_heads", "heads of a multiple of 4 columns, for two axes of rotated pairs");
        }
        registers = json.count("num_register_tokens", 4);
        theta = json.number("rope_theta", 100);
        int width = shape.width();
        Parameters embeddings = parameters.scope("embeddings");
        classToken = embeddings.add("cls_token", Initialization.zeros(), 1, 1, width);
        registerTokens = embeddings.add("register_tokens", Initialization.zeros(), 1, registers, width);
        patches = PatchConvolution.of(embeddings, "patch_embeddings", shape);
        for (int i = 0; i < shape.layers(); i++) {
            blocks.add(block(parameters.scope("layer." + i), json));
        }
        norm = VitNorm.of(parameters, "norm", shape);
    }

    private VitBlock block(Parameters p, VisionConfig json) {
        int width = shape.width();
        VitNorm norm1 = VitNorm.of(p, "norm1", shape);
        var attention = new VitAttention(
                VitLinear.of(p, "attention.q_proj", width, width, json.flag("query_bias", true)),
                VitLinear.of(p, "attention.k_proj", width, width, json.flag("key_bias", false)),
                VitLinear.of(p, "attention.v_proj", width, width, json.flag("value_bias", true)),
                VitLinear.of(p, "attention.o_proj", width, width, json.flag("proj_bias", true)),
                shape);
        Parameter scale1 = p.add("layer_scale1.lambda1", Initialization.ones(), width);
        VitNorm norm2 = VitNorm.of(p, "norm2", shape);
        boolean bias = json.flag("mlp_bias", true);
        VitLinear up = VitLinear.of(p, "mlp.up_proj", shape.hidden(), width, bias);
        VitLinear down = VitLinear.of(p, "mlp.down_proj", width, shape.hidden(), bias);
        VitMlp mlp = json.flag("use_gated_mlp", false)
                ? VitMlp.gated(
                        VitLinear.of(p, "mlp.gate_proj", shape.hidden(), width, bias), shape.activation(), up, down)
                : VitMlp.plain(up, shape.activation(), down);
        Parameter scale2 = p.add("layer_scale2.lambda1", Initialization.ones(), width);
        return new VitBlock(norm1, attention, Optional.of(scale1), norm2, mlp, Optional.of(scale2));
    }

    @Override
    public int width() {
        return shape.width();
    }

    @Override
    public int pooledWidth() {
        return shape.width();
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
        return ImageNormalization.IMAGENET;
    }

    @Override
    public PicturePreparation preparation() {
        return PicturePreparation.BICUBIC;
    }

    @Override
    public VisionFeatures features(Tape tape, Tensor normalized) {
        PixelShape.check("DINOv3", normalized);
        int rows = normalized.shape().size(2) / shape.patch();
        int columns = normalized.shape().size(3) / shape.patch();
        Tensor x = VitTokens.embed(tape, normalized, patches, shape.patch());
        x = VitTokens.prepend(tape, leading(), x);
        x = norm.apply(tape, VitTokens.run(tape, x, blocks, Optional.of(rope(tape, rows, columns))));
        return new VisionFeatures(x, 1 + registers, rows, columns, VitTokens.first(tape, x));
    }

    /** The class token, then the registers: (1 + R, D). */
    private float[] leading() {
        float[] tokens = Arrays.copyOf(classToken.value().toFloats(), (1 + registers) * shape.width());
        float[] values = registerTokens.value().toFloats();
        System.arraycopy(values, 0, tokens, shape.width(), values.length);
        return tokens;
    }

    /**
     * Cosine and sine of every token's angles, (1, 1 + R + rows · columns, d/2, 2): first those of the row, then those of the
     * column.
     *
     * <pre>angle_k = 2π · centre / θ^(4k/d),   k in [0, d/4)</pre>
     */
    private Tensor rope(Tape tape, int rows, int columns) {
        int pairs = shape.headWidth() / 2;
        int tokens = 1 + registers + rows * columns;
        float[] table = new float[tokens * pairs * 2];
        for (int token = 0; token < tokens; token++) {
            int patchIndex = token - 1 - registers;
            for (int pair = 0; pair < pairs; pair++) {
                double angle = patchIndex < 0 ? 0 : angle(patchIndex, pair, rows, columns);
                table[2 * (token * pairs + pair)] = (float) Math.cos(angle);
                table[2 * (token * pairs + pair) + 1] = (float) Math.sin(angle);
            }
        }
        return tape.constant(table, 1, tokens, pairs, 2);
    }

    private double angle(int patchIndex, int pair, int rows, int columns) {
        int perAxis = shape.headWidth() / 4;
        int row = patchIndex / columns;
        double centre = pair < perAxis ? 2 * (row + 0.5) / rows - 1 : 2 * (patchIndex % columns + 0.5) / columns - 1;
        return 2 * Math.PI * centre / Math.pow(theta, (double) (pair % perAxis) / perAxis);
    }

    /**
     * Whether a tensor's rows are rotated, and so have to be put into the order of {@link RotatedRows}.
     *
     * @param name of a tensor in the checkpoint
     */
    static boolean isRotated(String name) {
        return name.contains(".attention.q_proj.") || name.contains(".attention.k_proj.");
    }

    /** Columns of a head. */
    int headWidth() {
        return shape.headWidth();
    }

    @Override
    public String toString() {
        return "DINOv3[%s, %d registers]".formatted(shape, registers);
    }
}
