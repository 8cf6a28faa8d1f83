package mezzotint.latent;

import java.util.List;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.Tensor;

/**
 * The deep-compression autoencoder of Sana (ratio 32, 32 channels): residual convolutions at the fine resolutions, linear attention
 * at the coarse ones, every change of resolution beside a shortcut without weights, no posterior.
 *
 * @see <a href="https://arxiv.org/abs/2410.10733">Chen et al. 2024, §3.2 and figure 4</a>
 */
public final class AutoencoderDc implements ImageCodec {
    /** Pixels along a side of a tile unless asked otherwise: larger pictures than PRX draws are cut. */
    private static final int TILE_PIXELS = 1024;

    private static final double TILE_OVERLAP = 0.125;

    /**
     * One resolution of one side.
     *
     * @param channels at least 1
     * @param layers at least 1, or 0 at the finest resolution, to skip it
     * @param attention whether its layers are attention with a gated MLP, else residual convolutions
     * @param scales odd sides of the windows that attention looks through besides single pixels
     * @param activation of residual convolutions
     */
    public record Stage(int channels, int layers, boolean attention, List<Integer> scales, Activation activation) {
        /** @throws InvalidCodecConfigException when the numbers do not fit */
        public Stage {
            Config.require(channels > 0, "block_out_channels", "at least 1", channels);
            Config.require(layers >= 0, "layers_per_block", "at least 0", layers);
            Config.require(
                    scales.stream().allMatch(k -> k > 0 && k % 2 == 1), "qkv_multiscales", "odd numbers", scales);
            scales = List.copyOf(scales);
        }
    }

    /**
     * What an autoencoder is built from.
     *
     * @param encoder finest resolution first; the ratio is 2 to the power of their number − 1
     * @param decoder as many
     * @param latentChannels C, at least 1
     * @param headWidth channels of a head of attention, at least 1
     * @param unshuffles whether resolution is halved by convolution and pixel unshuffle, else by stride
     * @param shuffles whether resolution is doubled by convolution and pixel shuffle, else by repetition and convolution
     * @param encoderShortcut whether means of the last channels are added to the latents
     * @param decoderShortcut whether repetitions of the latents are added to the first channels
     * @param lastActivation before the decoder's last convolution
     * @param scalingFactor of {@link LatentScale}
     */
    public record Config(
            List<Stage> encoder,
            List<Stage> decoder,
            int latentChannels,
            int headWidth,
            boolean unshuffles,
            boolean shuffles,
            boolean encoderShortcut,
            boolean decoderShortcut,
            Activation lastActivation,
            float scalingFactor) {
        /** @throws InvalidCodecConfigException when the numbers do not fit together */
        public Config {
            require(latentChannels > 0, "latent_channels", "at least 1", latentChannels);
            require(headWidth > 0, "attention_head_dim", "at least 1", headWidth);
            new LatentScale(scalingFactor, 0);
            require(
                    encoder.size() == decoder.size() && !encoder.isEmpty() && encoder.size() < 10,
                    "decoder_block_out_channels",
                    "1 to 9 numbers, as many as encoder_block_out_channels, which has " + encoder.size(),
                    decoder.size());
            encoder = List.copyOf(encoder);
            decoder = List.copyOf(decoder);
            requireStages("encoder", encoder, headWidth);
            requireStages("decoder", decoder, headWidth);
            int quarter = unshuffles ? 4 : 1; // a pixel unshuffle makes 4 channels of one
            require(
                    encoder.stream().allMatch(stage -> stage.channels() % quarter == 0),
                    "encoder_block_out_channels",
                    "multiples of " + quarter,
                    encoder.stream().map(Stage::channels).toList());
            requireMultiple(encoderShortcut, "encoder", encoder.getLast().channels(), latentChannels);
            requireMultiple(decoderShortcut, "decoder", decoder.getLast().channels(), latentChannels);
        }

        private static void requireStages(String side, List<Stage> stages, int headWidth) {
            for (int i = 0; i < stages.size(); i++) {
                Stage stage = stages.get(i);
                require(
                        stage.layers() > 0 || i == 0 && stages.size() > 1,
                        side + "_layers_per_block",
                        "at least 1 but for the finest resolution",
                        stage.layers());
                require(
                        !stage.attention() || stage.channels() % headWidth == 0,
                        side + "_block_out_channels",
                        "a multiple of attention_head_dim " + headWidth,
                        stage.channels());
                int finer = i == 0 ? stage.channels() : stages.get(i - 1).channels();
                require(
                        4 * finer % stage.channels() == 0,
                        side + "_block_out_channels",
                        "a divisor of 4 times the %d before it".formatted(finer),
                        stage.channels());
            }
        }

        private static void requireMultiple(boolean shortcut, String side, int channels, int latents) {
            require(
                    !shortcut || channels % latents == 0,
                    side + "_block_out_channels",
                    "a last one that is a multiple of latent_channels " + latents,
                    channels);
        }

        private static void require(boolean holds, String key, String expected, Object got) {
            if (!holds) {
                throw new InvalidCodecConfigException(key, expected, got);
            }
        }

        /** Pixels along a side of a latent cell. */
        public int ratio() {
            return 1 << (encoder.size() - 1);
        }
    }

    private final Config config;
    private final Parameters parameters;
    private final CodecNetwork encoder;
    private final CodecNetwork decoder;
    private final Optional<Tiling> tiling;

    /** Makes the parameters, initialised as PyTorch does; pictures larger than 1024 pixels are cut into tiles of that size. */
    public AutoencoderDc(Config config, Parameters parameters) {
        this(
                config,
                parameters,
                new CodecNetwork(DcLayers.encoder(config, parameters.scope("encoder")), true, config.ratio()),
                new CodecNetwork(DcLayers.decoder(config, parameters.scope("decoder")), false, config.ratio()),
                Optional.of(Tiling.ofPixels(TILE_PIXELS, config.ratio(), TILE_OVERLAP)));
    }

    private AutoencoderDc(
            Config config,
            Parameters parameters,
            CodecNetwork encoder,
            CodecNetwork decoder,
            Optional<Tiling> tiling) {
        this.config = config;
        this.parameters = parameters;
        this.encoder = encoder;
        this.decoder = decoder;
        this.tiling = tiling;
    }

    /** The same, with other tiles on tapes that do not record; empty for none. */
    public AutoencoderDc withTiling(Optional<Tiling> tiles) {
        return new AutoencoderDc(config, parameters, encoder, decoder, tiles);
    }

    /** What it was built from. */
    public Config config() {
        return config;
    }

    /** Its parameters, by the names of the diffusers checkpoints. */
    public Parameters parameters() {
        return parameters;
    }

    @Override
    public int ratio() {
        return config.ratio();
    }

    @Override
    public int channels() {
        return config.latentChannels();
    }

    @Override
    public LatentScale scale() {
        return new LatentScale(config.scalingFactor(), 0);
    }

    @Override
    public Tensor encode(Tape tape, Tensor pictures) {
        return encoder.run(tape, pictures, latentShape(pictures.shape()), tiling);
    }

    @Override
    public Tensor encode(Tape tape, Tensor pictures, Tensor noise) {
        return encode(tape, pictures);
    }

    @Override
    public Tensor decode(Tape tape, Tensor latents) {
        return decoder.run(tape, latents, pictureShape(latents.shape()), tiling);
    }

    @Override
    public long decodeBytes(Shape pictures) {
        return decoder.peak(latentShape(pictures), pictures, tiling);
    }

    @Override
    public long encodeBytes(Shape pictures) {
        return encoder.peak(pictures, latentShape(pictures), tiling);
    }
}
