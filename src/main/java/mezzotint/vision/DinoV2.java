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
import mezzotint.image.Interpolation;
import mezzotint.image.PicturePreparation;
import mezzotint.nn.Initialization;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Tensor;

/**
 * DINOv2, with or without registers; parameters are named as in the transformers library.
 *
 * <p>Tokens are [class, registers, patches], normalised; the pooled vector is the class token. Positions of another grid than the
 * trained one are read bicubically, antialiased only in the version with registers, as upstream does.
 *
 * @see <a href="https://arxiv.org/abs/2304.07193">Oquab et al. 2023</a>
 * @see <a href="https://arxiv.org/abs/2309.16588">Darcet et al. 2023 (registers)</a>
 */
public final class DinoV2 implements VisionEncoder {
    /** {@code model_type} of the version without registers. */
    static final String TYPE = "dinov2";

    /** {@code model_type} of the version with registers. */
    static final String TYPE_WITH_REGISTERS = "dinov2_with_registers";

    /** Tensors of a checkpoint that only its training used. */
    static final Predicate<String> UNUSED = "embeddings.mask_token"::equals;

    private final VitShape shape;
    private final int registers;
    private final Parameter classToken;
    private final Optional<Parameter> registerTokens;
    private final Parameter positions;
    private final VitLinear patches;
    private final List<VitBlock> blocks = new ArrayList<>();
    private final VitNorm norm;

    /**
     * Makes the network.
     *
     * @param config a {@code config.json} of type {@code dinov2} or {@code dinov2_with_registers}
     * @param parameters where its parameters are added
     * @throws InvalidVisionConfigException for a value that does not fit
     */
    public DinoV2(JsonNode config, Parameters parameters) {
        VisionConfig json = new VisionConfig("DINOv2 config.json", config).withThreeChannels();
        registers = json.type().equals(TYPE_WITH_REGISTERS) ? json.count("num_register_tokens", 4) : 0;
        boolean swiglu = json.flag("use_swiglu_ffn", false);
        boolean bias = json.flag("qkv_bias", true);
        shape = VitShape.read(json, hidden(json, swiglu), 1e-6, "gelu");
        int width = shape.width();
        long grid = shape.grid();
        Parameters embeddings = parameters.scope("embeddings");
        classToken = embeddings.add("cls_token", Initialization.zeros(), 1, 1, width);
        positions = embeddings.add("position_embeddings", Initialization.zeros(), 1, 1 + grid * grid, width);
        registerTokens = registers == 0
                ? Optional.empty()
                : Optional.of(embeddings.add("register_tokens", Initialization.zeros(), 1, registers, width));
        patches = PatchConvolution.of(embeddings, "patch_embeddings.projection", shape);
        for (int i = 0; i < shape.layers(); i++) {
            blocks.add(block(parameters.scope("encoder.layer." + i), swiglu, bias));
        }
        norm = VitNorm.of(parameters, "layernorm", shape);
    }

    private static int hidden(VisionConfig json, boolean swiglu) {
        int plain = (int) (json.positive("hidden_size", 768) * json.number("mlp_ratio", 4));
        return swiglu ? (plain * 2 / 3 + 7) / 8 * 8 : plain;
    }

    private VitBlock block(Parameters p, boolean swiglu, boolean bias) {
        int width = shape.width();
        VitNorm norm1 = VitNorm.of(p, "norm1", shape);
        var attention = new VitAttention(
                VitLinear.of(p, "attention.attention.query", width, width, bias),
                VitLinear.of(p, "attention.attention.key", width, width, bias),
                VitLinear.of(p, "attention.attention.value", width, width, bias),
                VitLinear.of(p, "attention.output.dense", width, width, true),
                shape);
        Parameter scale1 = p.add("layer_scale1.lambda1", Initialization.ones(), width);
        VitNorm norm2 = VitNorm.of(p, "norm2", shape);
        VitMlp mlp = swiglu
                ? VitMlp.swiglu(
                        VitLinear.of(p, "mlp.weights_in", 2 * shape.hidden(), width, true),
                        VitLinear.of(p, "mlp.weights_out", width, shape.hidden(), true))
                : VitMlp.plain(
                        VitLinear.of(p, "mlp.fc1", shape.hidden(), width, true),
                        shape.activation(),
                        VitLinear.of(p, "mlp.fc2", width, shape.hidden(), true));
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
        PixelShape.check("DINOv2", normalized);
        int rows = normalized.shape().size(2) / shape.patch();
        int columns = normalized.shape().size(3) / shape.patch();
        float[] table = positions.value().toFloats();
        Tensor x = VitTokens.embed(tape, normalized, patches, shape.patch());
        x = VitTokens.addPositions(tape, x, positionTable(table).on(rows, columns));
        x = VitTokens.prepend(tape, leading(table), x);
        x = norm.apply(tape, VitTokens.run(tape, x, blocks, Optional.empty()));
        return new VisionFeatures(x, 1 + registers, rows, columns, VitTokens.first(tape, x));
    }

    private PositionTable positionTable(float[] table) {
        return PositionTable.afterClass(
                shape.grid(),
                shape.width(),
                table,
                registers == 0 ? Interpolation.BICUBIC : Interpolation.BICUBIC_ANTIALIASED);
    }

    /** The class token at its position, then the registers, which have none: (1 + R, D). */
    private float[] leading(float[] table) {
        float[] tokens = Arrays.copyOf(classToken.value().toFloats(), (1 + registers) * shape.width());
        for (int i = 0; i < shape.width(); i++) {
            tokens[i] += table[i];
        }
        registerTokens.ifPresent(r -> {
            float[] values = r.value().toFloats();
            System.arraycopy(values, 0, tokens, shape.width(), values.length);
        });
        return tokens;
    }

    @Override
    public String toString() {
        return "DINOv2[%s, %d registers]".formatted(shape, registers);
    }
}
