package mezzotint.prx;

import java.util.Map;
import java.util.OptionalInt;

/**
 * Hyper-parameters of a PRX denoiser.
 *
 * @param inChannels C, channels of the tensor being denoised: 3 for pixels
 * @param patchSize P, side of a patch in cells of that tensor
 * @param contextDim width of a text token state
 * @param hiddenSize D
 * @param mlpRatio M / D; M is cut to a whole number
 * @param heads H
 * @param depth number of blocks
 * @param ropeAxes head columns rotated by the row and by the column of a token, both even, together D/H
 * @param theta base of the rotary frequencies
 * @param timeFactor factor on t before its sinusoid
 * @param timeMaxPeriod longest period of the sinusoids of time and resolution
 * @param bottleneck width of the patch embedding's inner layer; empty for a single layer
 * @param resolutionEmbeds whether height and width are added to the time vector ("vec" conditioning)
 * @param extensions modules of training techniques
 */
public record PrxConfig(
        int inChannels,
        int patchSize,
        int contextDim,
        int hiddenSize,
        double mlpRatio,
        int heads,
        int depth,
        RopeAxes ropeAxes,
        double theta,
        float timeFactor,
        float timeMaxPeriod,
        OptionalInt bottleneck,
        boolean resolutionEmbeds,
        PrxExtensions extensions) {

    /** The published architecture, without extensions; see the record's components. */
    public PrxConfig(
            int inChannels,
            int patchSize,
            int contextDim,
            int hiddenSize,
            double mlpRatio,
            int heads,
            int depth,
            RopeAxes ropeAxes,
            double theta,
            float timeFactor,
            float timeMaxPeriod,
            OptionalInt bottleneck,
            boolean resolutionEmbeds) {
        this(
                inChannels,
                patchSize,
                contextDim,
                hiddenSize,
                mlpRatio,
                heads,
                depth,
                ropeAxes,
                theta,
                timeFactor,
                timeMaxPeriod,
                bottleneck,
                resolutionEmbeds,
                PrxExtensions.NONE);
    }

    /**
     * @param row head columns rotated by a token's row
     * @param column head columns rotated by a token's column
     */
    public record RopeAxes(int row, int column) {}

    /** 1.17 B parameters on latents of 16 channels: prx-256-t2i, prx-512-t2i, prx-1024-t2i-beta. */
    public static final PrxConfig PRX_SMALL = latent(16, 2, 1792, 28, 16, 32);

    /** 1.17 B parameters on the 32 channels of DC-AE: prx-512-t2i-dc-ae. */
    public static final PrxConfig PRX_DCAE_SMALL = latent(32, 1, 1792, 28, 16, 32);

    /** 1.17 B parameters on the 32 channels of FLUX.2's autoencoder. */
    public static final PrxConfig PRX_FLUX2 = latent(32, 2, 1792, 28, 16, 32);

    /** 1.18 B parameters on pixels, patches of 32: the ablations and the 24-hour run. */
    public static final PrxConfig PRX_JIT_32_SMALL = pixel(32, 2304, 1792, 28, 16, 32, 256);

    /** 6.99 B parameters on latents of 16 channels. */
    public static final PrxConfig PRX_BASE = latent(16, 2, 3584, 28, 24, 64);

    /** 7.00 B parameters on pixels, patches of 16: prxpixel-t2i. */
    public static final PrxConfig PRX_PIXEL_7B =
            pixel(16, 2048, 3584, 28, 24, 64, 768).withResolutionEmbeds(true);

    /** For an ordinary CPU: 64-pixel pictures, patches of 8, 11 M parameters with text of 384 columns. */
    public static final PrxConfig CPU_SMALL = pixel(8, 384, 384, 6, 6, 32, 0);

    /** For an ordinary CPU in minutes: 6.5 M parameters, 64-pixel pictures in 16 patches, a narrow layer behind the patch. */
    public static final PrxConfig CPU_TINY = pixel(16, 128, 256, 4, 4, 32, 128);

    /** 0.3 M parameters: draws nothing worth seeing, but tries a configuration or a data set in seconds. */
    public static final PrxConfig CPU_NANO = pixel(8, 64, 64, 2, 2, 16, 32);

    /** The presets by the names they have in configuration files. */
    public static final Map<String, PrxConfig> PRESETS = Map.of(
            "prx_small", PRX_SMALL,
            "prx_dcae_small", PRX_DCAE_SMALL,
            "prx_flux2", PRX_FLUX2,
            "prx_jit_32_small", PRX_JIT_32_SMALL,
            "prx_base", PRX_BASE,
            "prx_pixel_7b", PRX_PIXEL_7B,
            "cpu_small", CPU_SMALL,
            "cpu_tiny", CPU_TINY,
            "cpu_nano", CPU_NANO);

    /** @throws InvalidPrxConfigException when the numbers do not fit together */
    public PrxConfig {
        require(inChannels > 0, "in_channels", "at least 1", inChannels);
        require(patchSize > 0, "patch_size", "at least 1", patchSize);
        require(contextDim > 0, "context_in_dim", "at least 1", contextDim);
        require(depth >= 0, "depth", "at least 0", depth);
        require(
                heads > 0 && hiddenSize > 0 && hiddenSize % heads == 0,
                "hidden_size",
                "a multiple of num_heads " + heads,
                hiddenSize);
        require(mlpRatio > 0 && hiddenSize * mlpRatio >= 1, "mlp_ratio", "above 0", mlpRatio);
        require(
                ropeAxes.row > 0
                        && ropeAxes.row % 2 == 0
                        && ropeAxes.column > 0
                        && ropeAxes.column % 2 == 0
                        && ropeAxes.row + ropeAxes.column == hiddenSize / heads,
                "axes_dim",
                "two even numbers whose sum is the head width " + hiddenSize / heads,
                ropeAxes);
        require(theta > 0, "theta", "above 0", theta);
        require(timeMaxPeriod > 0, "time_max_period", "above 0", timeMaxPeriod);
        require(bottleneck.isEmpty() || bottleneck.getAsInt() > 0, "bottleneck_size", "at least 1", bottleneck);
        require(
                !(resolutionEmbeds && extensions.resolutionTokens()),
                "resolution_tokens",
                "false beside resolution_embeds, there is one kind of resolution conditioning",
                true);
        extensions
                .sprint()
                .ifPresent(s -> require(
                        s.last() < depth, "sprint.route_end", "below the depth " + depth + ": out of range", s.last()));
    }

    private static void require(boolean holds, String key, String expected, Object got) {
        if (!holds) {
            throw new InvalidPrxConfigException(key, expected, got);
        }
    }

    private static PrxConfig latent(int channels, int patch, int hidden, int heads, int depth, int axis) {
        return new PrxConfig(
                channels,
                patch,
                2304,
                hidden,
                3.5,
                heads,
                depth,
                new RopeAxes(axis, axis),
                10_000,
                1000f,
                10_000f,
                OptionalInt.empty(),
                false);
    }

    private static PrxConfig pixel(int patch, int context, int hidden, int heads, int depth, int axis, int bottleneck) {
        return new PrxConfig(
                3,
                patch,
                context,
                hidden,
                3.5,
                heads,
                depth,
                new RopeAxes(axis, axis),
                10_000,
                1000f,
                10_000f,
                bottleneck == 0 ? OptionalInt.empty() : OptionalInt.of(bottleneck),
                false);
    }

    /** D/H, columns of a head. */
    public int headWidth() {
        return hiddenSize / heads;
    }

    /** M, width of the gated MLP, cut to a whole number as upstream does. */
    public int mlpWidth() {
        return (int) (hiddenSize * mlpRatio);
    }

    /** C·P², numbers in a patch. */
    public int patchWidth() {
        return inChannels * patchSize * patchSize;
    }

    /** The same with another text width. */
    public PrxConfig withContextDim(int width) {
        return with(inChannels, patchSize, width, bottleneck, resolutionEmbeds, extensions);
    }

    /**
     * The same on other cells; a bottleneck that would be no narrower than a patch is left out.
     *
     * @param channels C of what is denoised
     * @param patch side of a patch in cells
     */
    public PrxConfig withCells(int channels, int patch) {
        OptionalInt narrow = bottleneck.isPresent() && bottleneck.getAsInt() < channels * patch * patch
                ? bottleneck
                : OptionalInt.empty();
        return with(channels, patch, contextDim, narrow, resolutionEmbeds, extensions);
    }

    /** The same with or without resolution conditioning. */
    public PrxConfig withResolutionEmbeds(boolean embeds) {
        return with(inChannels, patchSize, contextDim, bottleneck, embeds, extensions);
    }

    /** The same with other extensions. */
    public PrxConfig withExtensions(PrxExtensions others) {
        return with(inChannels, patchSize, contextDim, bottleneck, resolutionEmbeds, others);
    }

    /** The same blocks around other ends. */
    private PrxConfig with(
            int channels, int patch, int context, OptionalInt narrow, boolean embeds, PrxExtensions others) {
        return new PrxConfig(
                channels,
                patch,
                context,
                hiddenSize,
                mlpRatio,
                heads,
                depth,
                ropeAxes,
                theta,
                timeFactor,
                timeMaxPeriod,
                narrow,
                embeds,
                others);
    }

    /** Exact number of parameters. */
    public long parameterCount() {
        long h = hiddenSize;
        long m = mlpWidth();
        long block = 12 * h * h + 3 * h * m + 6 * h + 3L * headWidth();
        long patch = patchWidth();
        long embedding = bottleneck.isEmpty()
                ? patch * h + h
                : (patch + 1) * bottleneck.getAsInt() + (bottleneck.getAsInt() + 1) * h;
        long mlpEmbedder = 256 * h + h + h * h + h;
        long last = 2 * h * h + 2 * h + h * patch + patch;
        return depth * block
                + embedding
                + (resolutionEmbeds ? 2 : 1) * mlpEmbedder
                + (contextDim + 1) * h
                + last
                + extensions.parameterCount(h);
    }
}
