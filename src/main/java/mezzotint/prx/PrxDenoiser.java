package mezzotint.prx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.IntConsumer;
import mezzotint.autograd.Parameter;
import mezzotint.autograd.Tape;
import mezzotint.nn.Initialization;
import mezzotint.nn.MlpEmbedder;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * PRX: predicts, from a noised picture, its time and a prompt, the velocity, the clean picture or the noise.
 *
 * <p>Image tokens query themselves and the projected text; text is neither modulated nor updated by the blocks. At
 * initialisation every block is the identity and the output is exactly 0.
 *
 * @see <a href="https://github.com/Photoroom/PRX">Photoroom, PRX</a>
 */
public final class PrxDenoiser {
    private static final int TIME_WIDTH = 256;
    private static final int RESOLUTION_WIDTH = 128;

    private final PrxConfig config;
    private final Parameters parameters;
    private final List<Parameter> patchEmbedding;
    private final MlpEmbedder time;
    private final Optional<MlpEmbedder> resolution;
    private final Optional<ResolutionTokens> resolutionTokens;
    private final Optional<SprintFusion> fusion;
    private final Parameter textWeight;
    private final Parameter textBias;
    private final List<PrxBlock> blocks;
    private final Parameter lastWeight;
    private final Parameter lastBias;
    private final Parameter lastModulationWeight;
    private final Parameter lastModulationBias;
    private final boolean recompute;
    private final IntConsumer afterBlock;

    /** Makes the parameters of a denoiser that keeps its activations for the backward pass. */
    public PrxDenoiser(PrxConfig config, Parameters parameters) {
        this(config, parameters, false);
    }

    /**
     * Makes the parameters of a denoiser.
     *
     * @param recompute forget the activations inside blocks and compute them again in the backward pass: a third more work,
     *     a fraction of the memory
     */
    public PrxDenoiser(PrxConfig config, Parameters parameters, boolean recompute) {
        this.config = config;
        this.parameters = parameters;
        this.recompute = recompute;
        this.afterBlock = index -> {};
        this.patchEmbedding = new ArrayList<>();
        this.blocks = new ArrayList<>();
        int h = config.hiddenSize();
        makePatchEmbedding(config, parameters.scope("img_in"));
        time = new MlpEmbedder(parameters.scope("time_in"), TIME_WIDTH, h);
        textWeight =
                parameters.add("txt_in.weight", Initialization.linear(config.contextDim()), h, config.contextDim());
        textBias = parameters.add("txt_in.bias", Initialization.linear(config.contextDim()), h);
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(new PrxBlock(config, parameters.scope("blocks." + i)));
        }
        lastWeight = parameters.add("final_layer.linear.weight", Initialization.zeros(), config.patchWidth(), h);
        lastBias = parameters.add("final_layer.linear.bias", Initialization.zeros(), config.patchWidth());
        lastModulationWeight =
                parameters.add("final_layer.adaLN_modulation.1.weight", Initialization.zeros(), 2L * h, h);
        lastModulationBias = parameters.add("final_layer.adaLN_modulation.1.bias", Initialization.zeros(), 2L * h);
        Parameters embedders = parameters.scope("resolution_embedder");
        resolution = config.resolutionEmbeds()
                ? Optional.of(new MlpEmbedder(embedders.scope("mlp"), 2 * RESOLUTION_WIDTH, h))
                : Optional.empty();
        resolutionTokens = config.extensions().resolutionTokens()
                ? Optional.of(new ResolutionTokens(config, embedders))
                : Optional.empty();
        fusion = SprintFusion.of(config, parameters);
    }

    private PrxDenoiser(PrxDenoiser other, IntConsumer afterBlock) {
        config = other.config;
        parameters = other.parameters;
        patchEmbedding = other.patchEmbedding;
        time = other.time;
        resolution = other.resolution;
        resolutionTokens = other.resolutionTokens;
        fusion = other.fusion;
        textWeight = other.textWeight;
        textBias = other.textBias;
        blocks = other.blocks;
        lastWeight = other.lastWeight;
        lastBias = other.lastBias;
        lastModulationWeight = other.lastModulationWeight;
        lastModulationBias = other.lastModulationBias;
        recompute = other.recompute;
        this.afterBlock = afterBlock;
    }

    /**
     * The same denoiser, which says when it has done with a block's weights for a while: after the block's keys and values of
     * the text, and after the block itself. Weights that are read where their file is mapped can then be let go.
     *
     * @param afterBlock told the block's index, 0 for the first; the final layer counts as the one behind the last
     */
    public PrxDenoiser tellingAfterBlocks(IntConsumer afterBlock) {
        return new PrxDenoiser(this, afterBlock);
    }

    private void makePatchEmbedding(PrxConfig config, Parameters scope) {
        int h = config.hiddenSize();
        int patch = config.patchWidth();
        if (config.bottleneck().isEmpty()) {
            patchEmbedding.add(scope.add("weight", Initialization.linear(patch), h, patch));
            patchEmbedding.add(scope.add("bias", Initialization.linear(patch), h));
            return;
        }
        int inner = config.bottleneck().getAsInt();
        patchEmbedding.add(scope.add("0.weight", Initialization.linear(patch), inner, patch));
        patchEmbedding.add(scope.add("0.bias", Initialization.linear(patch), inner));
        patchEmbedding.add(scope.add("1.weight", Initialization.linear(inner), h, inner));
        patchEmbedding.add(scope.add("1.bias", Initialization.linear(inner), h));
    }

    /** What it was built from. */
    public PrxConfig config() {
        return config;
    }

    /** Its parameters, by the names of the diffusers checkpoints. */
    public Parameters parameters() {
        return parameters;
    }

    /** A prompt whose tokens are all real: embeddings (B, T, context width). */
    public PrxText text(Tape tape, Tensor embeddings) {
        return text(tape, embeddings, Optional.empty());
    }

    /** A padded prompt: embeddings (B, T, context width), mask (B, T) of BOOL, true = real token. */
    public PrxText text(Tape tape, Tensor embeddings, Tensor mask) {
        return text(tape, embeddings, Optional.of(mask));
    }

    private PrxText text(Tape tape, Tensor embeddings, Optional<Tensor> mask) {
        Shape s = embeddings.shape();
        if (s.rank() != 3 || s.dim(2) != config.contextDim()) {
            throw new ShapeMismatchException("text embeddings %s, expected (B, T, %d)", s, config.contextDim());
        }
        Tensor projected = tape.linear(embeddings, textWeight, textBias);
        List<Tensor> keys = new ArrayList<>();
        List<Tensor> values = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            PrxBlock.TextKeysValues text = text(tape, blocks.get(i), projected);
            keys.add(text.keys());
            values.add(text.values());
            afterBlock.accept(i);
        }
        return new PrxText(projected, keys, values, mask);
    }

    /** On a tape that does not record, without what lies between the text and its keys and values. */
    private PrxBlock.TextKeysValues text(Tape tape, PrxBlock block, Tensor projected) {
        if (tape.isRecording()) {
            return block.text(tape, projected);
        }
        Shape s = projected.shape();
        Tensor keys = tape.allocate(s.dim(0), config.heads(), s.dim(1), config.headWidth());
        Tensor values = tape.allocate(keys.shape().dims());
        tape.checkpoint(inner -> {
            PrxBlock.TextKeysValues text = block.text(inner, projected);
            values.copyFrom(text.values());
            return keys.copyFrom(text.keys());
        });
        return new PrxBlock.TextKeysValues(keys, values);
    }

    /**
     * The network's output, of the shape of the picture.
     *
     * @param image noised picture x_t, (B, C, height, width), sides multiples of the patch size
     * @param times t in [0, 1], (B), 1 = noise
     * @param text the prompts, B of them
     * @throws ShapeMismatchException when something does not fit
     */
    public Tensor forward(Tape tape, Tensor image, Tensor times, PrxText text) {
        return forward(tape, image, times, text, PrxSeams.NONE);
    }

    /** Like {@link #forward(Tape, Tensor, Tensor, PrxText)}, with someone looking on. */
    public Tensor forward(Tape tape, Tensor image, Tensor times, PrxText text, PrxTap tap) {
        return forward(tape, image, times, text, PrxSeams.of(tap));
    }

    /**
     * Like {@link #forward(Tape, Tensor, Tensor, PrxText)}, with techniques plugged in.
     *
     * @throws InvalidPrxConfigException when a route does not fit the blocks
     */
    public Tensor forward(Tape tape, Tensor image, Tensor times, PrxText text, PrxSeams seams) {
        check(image, times, text);
        int p = config.patchSize();
        Shape shape = image.shape();
        Tensor img = embed(tape, tape.patchify(image, p));
        seams.tap().see(tape, new PrxTap.Place.PatchEmbedding(), img);
        Tensor activated = tape.silu(conditioning(tape, shape, times, seams.tap()));
        PrxText prompt = resolutionTokens
                .map(tokens -> tokens.before(tape, text, blocks, shape))
                .orElse(text);
        var grid = new TokenPath.Grid(shape.size(0), shape.size(2) / p, shape.size(3) / p);
        TokenPath path = new TokenPath(tape, config, grid, seams.route(), fusion);
        // A tap or a route may hold on to the tokens before a block; without them they can be overwritten.
        boolean unseen = seams.equals(PrxSeams.NONE) && fusion.isEmpty();
        for (int i = 0; i < blocks.size(); i++) {
            img = path.before(tape, i, img);
            img = block(tape, i, img, activated, path.rope(), prompt, unseen);
            afterBlock.accept(i);
            seams.tap().see(tape, new PrxTap.Place.Block(i), img);
            img = path.after(tape, i, img);
        }
        Tensor[] m = tape.chunk(tape.linear(activated, lastModulationWeight, lastModulationBias), 2);
        Tensor out = tape.linear(tape.adaLayerNorm(img, m[0], m[1], PrxBlock.EPS), lastWeight, lastBias);
        afterBlock.accept(blocks.size());
        return tape.unpatchify(out, shape, p);
    }

    private Tensor block(Tape tape, int i, Tensor img, Tensor activated, Tensor rope, PrxText text, boolean unseen) {
        var kv = new PrxBlock.TextKeysValues(text.keys().get(i), text.values().get(i));
        Function<Tape, Tensor> run = inner -> blocks.get(i).forward(inner, img, activated, rope, kv, text.mask());
        if (!tape.isRecording() && unseen) { // nobody needs the tokens before the block any more
            return tape.checkpoint(inner -> img.copyFrom(run.apply(inner)));
        }
        return recompute || !tape.isRecording() ? tape.checkpoint(run) : run.apply(tape);
    }

    private Tensor embed(Tape tape, Tensor patches) {
        Tensor x = patches;
        for (int i = 0; i < patchEmbedding.size(); i += 2) {
            x = tape.linear(x, patchEmbedding.get(i), patchEmbedding.get(i + 1));
        }
        return x;
    }

    private Tensor conditioning(Tape tape, Shape shape, Tensor times, PrxTap tap) {
        Tensor vec = time.forward(tape, tape.sinusoid(times, TIME_WIDTH, config.timeFactor(), config.timeMaxPeriod()));
        tap.see(tape, new PrxTap.Place.TimeVector(), vec);
        if (resolution.isEmpty()) {
            return vec;
        }
        float height = shape.dim(2);
        float width = shape.dim(3);
        Tensor sides = tape.constant(new float[] {height, width}, 2);
        Tensor one = tape.sinusoid(sides, RESOLUTION_WIDTH, 1f, config.timeMaxPeriod());
        int batch = shape.size(0);
        Tensor all = tape.allocate(batch, 2 * RESOLUTION_WIDTH);
        for (int b = 0; b < batch; b++) {
            all.rows(b, b + 1).view(2, RESOLUTION_WIDTH).copyFrom(one);
        }
        Tensor embedded = resolution.get().forward(tape, all);
        tap.see(tape, new PrxTap.Place.ResolutionVector(), embedded);
        return tape.add(vec, embedded);
    }

    private void check(Tensor image, Tensor times, PrxText text) {
        Shape s = image.shape();
        int p = config.patchSize();
        if (s.rank() != 4 || s.dim(1) != config.inChannels() || s.dim(2) % p != 0 || s.dim(3) % p != 0) {
            throw new ShapeMismatchException(
                    "denoiser: picture %s, expected (B, %d, height, width) with sides that are multiples of %d",
                    s, config.inChannels(), p);
        }
        if (!times.shape().equals(Shape.of(s.dim(0)))) {
            throw new ShapeMismatchException("denoiser: times %s, expected (%d)", times.shape(), s.dim(0));
        }
        if (text.keys().size() != blocks.size() || text.projected().shape().dim(0) != s.dim(0)) {
            throw new ShapeMismatchException(
                    "denoiser: text of %d prompts for %d blocks, expected %d prompts for %d blocks",
                    text.projected().shape().dim(0), text.keys().size(), s.dim(0), blocks.size());
        }
    }
}
