package mezzotint.latent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import mezzotint.autograd.Tape;
import mezzotint.nn.Parameters;
import mezzotint.tensor.Shape;
import mezzotint.tensor.ShapeMismatchException;
import mezzotint.tensor.Tensor;

/**
 * The autoencoder of latent diffusion, in the form of FLUX.1 (ratio 8, 16 channels) and of any size: residual convolutions, one
 * attention in the middle, a normal posterior.
 *
 * @see <a href="https://arxiv.org/abs/2112.10752">Rombach et al. 2022, §3.1 and appendix G</a>
 */
public final class AutoencoderKl implements ImageCodec {
    /** Pixels along a side of a tile unless asked otherwise: larger pictures than PRX draws are cut. */
    private static final int TILE_PIXELS = 1024;

    private static final double TILE_OVERLAP = 0.25;

    /**
     * What an autoencoder is built from.
     *
     * @param channels of every resolution, the finest first, each a multiple of {@code normGroups}; the ratio is 2 to the power of
     *     their number − 1
     * @param layers residual layers at every resolution of the encoder, at least 1; the decoder has one more
     * @param latentChannels C, at least 1
     * @param normGroups groups of the normalisations, at least 1
     * @param sampleSize side in pixels of the pictures it was trained on, at least 1
     * @param scale from its latents to what a denoiser sees
     * @param attention whether there is one in the middle
     * @param quantConvolution whether a 1×1 convolution follows the encoder
     * @param postQuantConvolution whether one precedes the decoder
     */
    public record Config(
            List<Integer> channels,
            int layers,
            int latentChannels,
            int normGroups,
            int sampleSize,
            LatentScale scale,
            boolean attention,
            boolean quantConvolution,
            boolean postQuantConvolution) {
        /** That of FLUX.1: 83,819,683 parameters. */
        public static final Config FLUX = new Config(
                List.of(128, 256, 512, 512), 2, 16, 32, 1024, new LatentScale(0.3611f, 0.1159f), true, false, false);

        /** @throws InvalidCodecConfigException when the numbers do not fit together */
        public Config {
            require(normGroups > 0, "norm_num_groups", "at least 1", normGroups);
            int groups = normGroups;
            require(
                    !channels.isEmpty()
                            && channels.size() < 10
                            && channels.stream().allMatch(c -> c > 0 && c % groups == 0),
                    "block_out_channels",
                    "1 to 9 multiples of norm_num_groups " + groups,
                    channels);
            require(layers > 0, "layers_per_block", "at least 1", layers);
            require(latentChannels > 0, "latent_channels", "at least 1", latentChannels);
            require(sampleSize > 0, "sample_size", "at least 1", sampleSize);
            channels = List.copyOf(channels);
        }

        private static void require(boolean holds, String key, String expected, Object got) {
            if (!holds) {
                throw new InvalidCodecConfigException(key, expected, got);
            }
        }

        /**
         * A small one to be trained on a CPU: one residual layer at every resolution, 32, 64, 64, … channels.
         *
         * @param ratio pixels along a side of a latent cell: 2, 4 or 8
         * @param latentChannels C, at least 1; 4 to 8 are sensible
         * @param sampleSize side in pixels of the pictures it is trained on
         */
        public static Config small(int ratio, int latentChannels, int sampleSize) {
            require(ratio == 2 || ratio == 4 || ratio == 8, "ratio", "2, 4 or 8", ratio);
            List<Integer> channels = new ArrayList<>(List.of(32));
            for (int side = ratio; side > 1; side /= 2) {
                channels.add(64);
            }
            return new Config(
                    channels, 1, latentChannels, 8, sampleSize, LatentScale.NONE, true, false, false);
        }

        /** Pixels along a side of a latent cell. */
        public int ratio() {
            return 1 << (channels.size() - 1);
        }

        /** The same with another scale, measured on the latents of a trained one. */
        public Config withScale(LatentScale other) {
            return new Config(
                    channels,
                    layers,
                    latentChannels,
                    normGroups,
                    sampleSize,
                    other,
                    attention,
                    quantConvolution,
                    postQuantConvolution);
        }
    }

    private final Config config;
    private final Parameters parameters;
    private final CodecNetwork encoder;
    private final CodecNetwork decoder;
    private final Optional<Tiling> tiling;

    /** Makes the parameters, initialised as PyTorch does; pictures larger than 1024 pixels are cut into tiles of that size. */
    public AutoencoderKl(Config config, Parameters parameters) {
        this(
                config,
                parameters,
                new CodecNetwork(KlLayers.encoder(config, parameters), true, config.ratio()),
                new CodecNetwork(KlLayers.decoder(config, parameters), false, config.ratio()),
                Optional.of(Tiling.ofPixels(
                        Math.max(TILE_PIXELS, config.sampleSize()), config.ratio(), TILE_OVERLAP)));
    }

    private AutoencoderKl(
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
    public AutoencoderKl withTiling(Optional<Tiling> tiles) {
        return new AutoencoderKl(config, parameters, encoder, decoder, tiles);
    }

    /** The same weights with another scale. */
    public AutoencoderKl withScale(LatentScale scale) {
        return new AutoencoderKl(config.withScale(scale), parameters, encoder, decoder, tiling);
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
        return config.scale();
    }

    /**
     * What the encoder knows about the latents of pictures.
     *
     * @param pictures (B, 3, height, width) in [−1, 1]
     * @throws ShapeMismatchException when the pictures do not fit
     */
    public GaussianPosterior posterior(Tape tape, Tensor pictures) {
        return GaussianPosterior.of(
                tape, encoder.run(tape, pictures, momentsShape(pictures.shape()), tiling));
    }

    private Shape momentsShape(Shape pictures) {
        Shape s = latentShape(pictures);
        return Shape.of(s.dim(0), 2 * s.dim(1), s.dim(2), s.dim(3));
    }

    @Override
    public Tensor encode(Tape tape, Tensor pictures) {
        return posterior(tape, pictures).mean();
    }

    @Override
    public Tensor encode(Tape tape, Tensor pictures, Tensor noise) {
        return posterior(tape, pictures).sample(tape, noise);
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
        Shape moments = momentsShape(pictures);
        long elements = 13 * moments.elements(); // the posterior and a draw from it
        return encoder.peak(pictures, moments, tiling) + Extent.padded(elements * Float.BYTES);
    }
}
